//! The code that a derive emits: one `const _` block that holds everything, so that no name leaks.
//!
//! The workspace's `tests/snapshots` shows whole expansions.

mod cells;
mod columns;
mod fallback;
mod field;
mod filters;
mod fingerprint;
mod hooks;
mod paths;
mod sql;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::Type;

pub(crate) use fallback::fallback;

use crate::model::{Model, OnDelete};

/// The whole expansion of a struct without mistakes.
pub(crate) fn model(model: &Model<'_>) -> TokenStream {
    let krate = &model.krate;
    let private = private();
    let fields = field::constants(model);
    let descriptor = descriptor(model);
    let stripe_sync = cells::stripe_sync(model);
    let read_back = cells::read_back(model);
    quote! {
        const _: () = {
            use #krate::#private as __p;
            #fields
            #descriptor
            #stripe_sync
            #read_back
        };
    }
}

/// The runtime's private module of this crate's version: the two are of one version exactly.
fn private() -> proc_macro2::Ident {
    format_ident!(
        "__private_{}_{}_{}",
        env!("CARGO_PKG_VERSION_MAJOR"),
        env!("CARGO_PKG_VERSION_MINOR"),
        env!("CARGO_PKG_VERSION_PATCH")
    )
}

/// `static __MODEL: Model = ...`
fn descriptor(model: &Model<'_>) -> TokenStream {
    let krate = &model.krate;
    let name = model.ident.to_string();
    let Model { object, table, .. } = model;
    let schema = option(model.schema.as_ref());
    let slots = paths::Slots::of(model);
    let columns = columns::columns(model, &slots);
    let (paths, count) = (slots.nodes(), slots.count());
    let filters = filters::filters(model, &slots);
    let on_delete = match model.on_delete {
        OnDelete::Soft => quote!(Soft),
        OnDelete::Hard => quote!(Hard),
    };
    let unversioned = model.attrs.unversioned.is_set();
    let fingerprint = fingerprint::of(model);
    let sql = sql::sql(model);
    let map_hooks = hooks::map_hooks(model);
    let sync = hooks::sync(model);
    let after_commit = hooks::after_commit(model);
    quote! {
        static __MODEL: #krate::Model = #krate::Model {
            parts: __p::Parts {
                name: #name,
                object: #object,
                schema: #schema,
                table: #table,
                columns: &[#(#columns),*],
                paths: &[#paths],
                slots: #count,
                filters: &[#(#filters),*],
                on_delete: #krate::OnDelete::#on_delete,
                unversioned: #unversioned,
                fingerprint: #fingerprint,
                sql: #sql,
                map_hooks: #map_hooks,
                sync: #sync,
                after_commit: #after_commit,
            },
        };
    }
}

/// The name of a field's constant.
fn constant(index: usize) -> proc_macro2::Ident {
    format_ident!("__F{index}")
}

/// `Some(value)` or `None`.
fn option(value: Option<impl quote::ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// The place of a type for code that is still the macro's own: lints leave it alone, and errors point there.
fn place(ty: &Type) -> Span {
    syn::spanned::Spanned::span(ty).resolved_at(Span::call_site())
}

#[cfg(test)]
mod tests;
