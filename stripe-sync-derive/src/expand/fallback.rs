//! What is emitted beside errors, so that code which uses the struct is not wrong as well.

use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;
use syn::Path;

use super::place;

/// An implementation that is never run: the errors beside it keep the program from being built.
pub(crate) fn fallback(krate: &Path, ident: &Ident) -> TokenStream {
    quote_spanned! {place(ident)=>
        const _: () = {
            #[automatically_derived]
            impl #krate::StripeSync for #ident {
                const MODEL: &'static #krate::Model = ::core::unreachable!();

                fn from_stripe(
                    _: &#krate::StripeObject,
                    _: &#krate::Context,
                ) -> ::core::result::Result<Self, #krate::MapError> {
                    ::core::unreachable!()
                }

                fn into_cells(self) -> ::std::vec::Vec<#krate::Cell<'static>> {
                    ::core::unreachable!()
                }
            }

            #[automatically_derived]
            impl #krate::ReadBack for #ident {
                fn from_cells(
                    _: ::std::vec::Vec<#krate::Cell<'static>>,
                ) -> ::core::result::Result<Self, #krate::MapError> {
                    ::core::unreachable!()
                }
            }
        };
    }
}
