//! What is emitted beside errors, so that code which uses the struct is not wrong as well.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens as _, quote_spanned};
use syn::{Data, DeriveInput, GenericParam, Path, parse_quote};

use super::{place, private};

/// An implementation that is never run: the errors beside it keep the program from being built. There is none without a runtime, and
/// none for an item that cannot have one: that has lifetimes, or cannot be shared between threads.
pub(crate) fn fallback(krate: Option<&Path>, input: &DeriveInput) -> TokenStream {
    let Some(krate) = krate.filter(|_| is_shared(&input.data)) else {
        return TokenStream::new();
    };
    let ident = &input.ident;
    // The compiler reads it where another struct refers to this one.
    let private = private(place(ident));
    let mut generics = input.generics.clone();
    for parameter in &mut generics.params {
        match parameter {
            GenericParam::Lifetime(_) => return TokenStream::new(),
            GenericParam::Type(parameter) => {
                parameter.bounds.push(parse_quote!(::core::marker::Send));
                parameter.bounds.push(parse_quote!(::core::marker::Sync));
                parameter.bounds.push(parse_quote!('static));
            }
            GenericParam::Const(_) => {}
        }
    }
    let (parameters, arguments, conditions) = generics.split_for_impl();
    quote_spanned! {place(ident)=>
        const _: () = {
            #[automatically_derived]
            impl #parameters #krate::StripeSync for #ident #arguments #conditions {
                const MODEL: &'static #krate::Model = &#krate::#private::BROKEN;

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
            impl #parameters #krate::ReadBack for #ident #arguments #conditions {
                fn from_cells(
                    _: ::std::vec::Vec<#krate::Cell<'static>>,
                ) -> ::core::result::Result<Self, #krate::MapError> {
                    ::core::unreachable!()
                }
            }
        };
    }
}

/// Whether no type that is known by its name keeps the item from being `Send` and `Sync`.
fn is_shared(data: &Data) -> bool {
    const UNSHARED: [&str; 6] = ["Cell", "Rc", "RefCell", "UnsafeCell", "Weak", "dyn"];
    let fields = match data {
        Data::Struct(data) => &data.fields,
        Data::Enum(_) | Data::Union(_) => return true,
    };
    let is_shared = |token: &TokenTree| match token {
        TokenTree::Ident(word) => !UNSHARED.iter().any(|name| word == name),
        TokenTree::Punct(punct) => punct.as_char() != '*',
        TokenTree::Group(_) | TokenTree::Literal(_) => true,
    };
    let mut tokens = fields.iter().flat_map(|field| field.ty.to_token_stream());
    tokens.all(|token| is_shared(&token))
}
