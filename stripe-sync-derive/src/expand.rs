//! The code that a derive emits: one `const _` block that holds everything, so that no name leaks.
//!
//! The workspace's `tests/snapshots` shows whole expansions.
//!
//! Each token that the macro adds has the place of the user's token that it is for: a field's constant, column and cells
//! that of the field, everything else that of the struct's name. There an editor shows what is wrong with it, and what the
//! user wrote (names, types, paths of functions) keeps its own place, so that an editor finds what it stands for.

mod cells;
mod children;
mod columns;
mod declared;
mod fallback;
mod field;
mod filters;
mod fingerprint;
mod hooks;
mod paths;
mod sql;

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;

pub(crate) use fallback::fallback;

use crate::model::{Field, Model, OnDelete};

/// The function in the runtime's private module `field` that reads a field.
pub(crate) fn reader(field: &Field<'_>) -> &'static str {
    field::reader(field).0
}

/// The whole expansion of a struct without mistakes.
pub(crate) fn model(model: &Model<'_>) -> TokenStream {
    let krate = &model.krate;
    let private = private(place(model.ident));
    let fields = field::constants(model);
    let assertions = declared::assertions(model);
    let descriptor = descriptor(model);
    let stripe_sync = cells::stripe_sync(model);
    let read_back = cells::read_back(model);
    quote_spanned! {place(model.ident)=>
        const _: () = {
            use #krate::#private as __p;
            #fields
            #assertions
            #descriptor
            #stripe_sync
            #read_back
        };
    }
}

/// The runtime's private module of this crate's version: the two are of one version exactly.
fn private(at: Span) -> proc_macro2::Ident {
    format_ident!(
        "__private_{}_{}_{}",
        env!("CARGO_PKG_VERSION_MAJOR"),
        env!("CARGO_PKG_VERSION_MINOR"),
        env!("CARGO_PKG_VERSION_PATCH"),
        span = at
    )
}

/// `static __MODEL: Model = ...`
fn descriptor(model: &Model<'_>) -> TokenStream {
    let (krate, at) = (&model.krate, place(model.ident));
    let slots = paths::Slots::of(model);
    let (names, facts) = (located(names(model), at), located(facts(model, &slots), at));
    let columns = columns::columns(model, &slots);
    let declared = declared::declared(model, &slots);
    let on_delete = match model.on_delete {
        OnDelete::Soft => quote_spanned!(at=> Soft),
        OnDelete::Hard => quote_spanned!(at=> Hard),
    };
    let map_hooks = hooks::map_hooks(model);
    let sync = hooks::sync(model);
    let after_commit = hooks::after_commit(model);
    quote_spanned! {at=>
        static __MODEL: #krate::Model = #krate::Model {
            parts: __p::Parts {
                #names
                columns: &[#(#columns),*],
                declared: #declared,
                #facts
                on_delete: #krate::OnDelete::#on_delete,
                map_hooks: #map_hooks,
                sync: #sync,
                after_commit: #after_commit,
            },
        };
    }
}

/// The names in the descriptor, as texts.
fn names(model: &Model<'_>) -> TokenStream {
    let name = model.ident.to_string();
    let Model { object, table, .. } = model;
    let [schema, namespace] =
        [&model.schema, &model.namespace].map(|place| option(place.as_ref(), Span::call_site()));
    quote!(name: #name, object: #object, schema: #schema, namespace: #namespace, table: #table,)
}

/// What the descriptor says in values alone, without a token of the user's.
fn facts(model: &Model<'_>, slots: &paths::Slots) -> TokenStream {
    let (paths, count) = (slots.nodes(), slots.count());
    let filters = filters::filters(model, slots);
    let unversioned = model.is_unversioned();
    let expand = model.expand();
    let fingerprint = fingerprint::of(model);
    let sql = sql::sql(model);
    quote! {
        paths: &[#paths],
        slots: #count,
        filters: &[#(#filters),*],
        expand: &[#(#expand),*],
        unversioned: #unversioned,
        fingerprint: #fingerprint,
        sql: #sql,
    }
}

/// The name of a field's constant, at the field.
fn constant(index: usize, field: &Field<'_>) -> proc_macro2::Ident {
    format_ident!("__F{index}", span = place(field.ident))
}

/// `Some(value)` or `None`.
fn option(value: Option<impl ToTokens>, at: Span) -> TokenStream {
    match value {
        Some(value) => quote_spanned!(at=> ::core::option::Option::Some(#value)),
        None => quote_spanned!(at=> ::core::option::Option::None),
    }
}

/// The place of a user's tokens for code that is still the macro's own: lints leave it alone, and errors point there.
fn place(tokens: &impl ToTokens) -> Span {
    tokens.span().resolved_at(Span::call_site())
}

/// Tokens of which none is the user's, all at one place.
fn located(tokens: TokenStream, at: Span) -> TokenStream {
    let locate = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            let inner = located(group.stream(), at);
            token = Group::new(group.delimiter(), inner).into();
        }
        token.set_span(at);
        token
    };
    tokens.into_iter().map(locate).collect()
}

#[cfg(test)]
mod tests;
