//! The two implementations: object to struct to cells, and cells back to struct.

use proc_macro2::{Literal, Span, TokenStream};
use quote::quote_spanned;

use super::field::is_opaque;
use super::{constant, place};
use crate::model::Model;

/// `impl StripeSync`
pub(super) fn stripe_sync(model: &Model<'_>) -> TokenStream {
    let (krate, ident) = (&model.krate, model.ident);
    let fields = model.fields.iter().enumerate().map(|(index, field)| {
        let name = field.ident;
        if field.role.is_written() {
            let constant = constant(index, field);
            let index = position(index, place(name));
            quote_spanned!(place(name)=> #name: __slots.field(#index, #constant)?)
        } else if !is_opaque(model, field) {
            let constant = constant(index, field);
            quote_spanned!(place(name)=> #name: #constant.initial())
        } else {
            // What a sync does not read begins as its default, which the type has to have.
            let value = quote_spanned!(place(field.ty)=> ::core::default::Default::default());
            quote_spanned!(place(name)=> #name: #value)
        }
    });
    let children = without_rows(model);
    let cells = model
        .fields
        .iter()
        .enumerate()
        .filter(|(_, field)| field.role.is_written())
        .map(|(index, field)| {
            let (name, constant) = (field.ident, constant(index, field));
            quote_spanned!(place(name)=> #constant.write(self.#name))
        });
    // Only the table knows these, but a field that nothing reads would be a warning in the user's crate.
    let unread = model
        .fields
        .iter()
        .filter(|field| !field.role.is_written())
        .map(|field| {
            let name = field.ident;
            quote_spanned!(place(name)=> let _ = &self.#name;)
        });
    let unread = unread.chain(model.children.iter().map(|field| {
        let name = field.ident;
        quote_spanned!(place(name)=> let _ = &self.#name;)
    }));
    quote_spanned! {place(ident)=>
        #[automatically_derived]
        impl #krate::StripeSync for #ident {
            const MODEL: &'static #krate::Model = &__MODEL;

            fn from_stripe(
                __object: &#krate::StripeObject,
                __context: &#krate::Context,
            ) -> ::core::result::Result<Self, #krate::MapError> {
                let __slots = __p::Slots::read(&__MODEL, __object, __context)?;
                ::core::result::Result::Ok(Self { #(#fields,)* #(#children,)* })
            }

            fn into_cells(self) -> ::std::vec::Vec<#krate::Cell<'static>> {
                #(#unread)*
                ::std::vec![#(#cells),*]
            }
        }
    }
}

/// `impl ReadBack`, which only `after_commit` needs.
pub(super) fn read_back(model: &Model<'_>) -> Option<TokenStream> {
    if !model.reads_back() {
        return None;
    }
    let (krate, ident) = (&model.krate, model.ident);
    let children = without_rows(model);
    let fields = model.fields.iter().enumerate().map(|(index, field)| {
        let (name, constant) = (field.ident, constant(index, field));
        let index = position(index, place(name));
        quote_spanned!(place(name)=> #name: __p::read_back(&__MODEL, #index, #constant, &mut __cells)?)
    });
    Some(quote_spanned! {place(ident)=>
        #[automatically_derived]
        impl #krate::ReadBack for #ident {
            fn from_cells(
                __cells: ::std::vec::Vec<#krate::Cell<'static>>,
            ) -> ::core::result::Result<Self, #krate::MapError> {
                let mut __cells = ::core::iter::IntoIterator::into_iter(__cells);
                ::core::result::Result::Ok(Self { #(#fields,)* #(#children,)* })
            }
        }
    })
}

/// The fields with `children`: the rows are those of their own models, so a list in a struct is empty.
fn without_rows(model: &Model<'_>) -> Vec<TokenStream> {
    let fields = model.children.iter().map(|field| {
        let name = field.ident;
        quote_spanned!(place(name)=> #name: ::std::vec::Vec::new())
    });
    fields.collect()
}

/// The position of a field, at the field.
fn position(index: usize, at: Span) -> Literal {
    let mut position = Literal::usize_suffixed(index);
    position.set_span(at);
    position
}
