//! Walks through the items of `#[stripe(item, item, ...)]`. A mistake in one item does not hide those in the next.

use proc_macro2::{Ident, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Meta, Token};

use super::foreign;
use crate::ctxt::Ctxt;
use crate::symbol::Symbol;

/// Calls `read` with the name of each item and the input after it.
pub(super) fn each(
    cx: &Ctxt,
    attrs: &[Attribute],
    example: &str,
    mut read: impl FnMut(&Ident, ParseStream<'_>) -> syn::Result<()>,
) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("stripe")) {
        let Meta::List(list) = &attr.meta else {
            cx.error_spanned(
                &attr.meta,
                format!("attributes stand in parentheses: #[stripe({example})]"),
            );
            continue;
        };
        let walk = |input: ParseStream<'_>| {
            each_item(cx, input, |input| {
                let name = input.call(Ident::parse_any)?;
                read(&name, input)
            })
        };
        if let Err(error) = walk.parse2(list.tokens.clone()) {
            cx.push(error);
        }
    }
}

/// Calls `read` for each item between commas.
pub(super) fn each_item(
    cx: &Ctxt,
    input: ParseStream<'_>,
    mut read: impl FnMut(ParseStream<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    while !input.is_empty() {
        match read(input) {
            Ok(()) if at_end(input) => {}
            Ok(()) => {
                cx.error(input.span(), "expected a comma before the next attribute");
                skip(input)?;
            }
            Err(error) => {
                cx.push(error);
                skip(input)?;
            }
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

/// Whether an item ends here.
pub(super) fn at_end(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,])
}

fn skip(input: ParseStream<'_>) -> syn::Result<()> {
    while !at_end(input) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

/// The error for a name that is none of `known`; `elsewhere` are those of the other place, `foreign` those of other derives.
pub(super) fn unknown(
    name: &Ident,
    known: &[Symbol],
    elsewhere: &[Symbol],
    place: &str,
    foreign: &[(&'static str, &'static str)],
) -> syn::Error {
    let written = name.to_string();
    if elsewhere.iter().any(|symbol| symbol.name == written) {
        return syn::Error::new(name.span(), format!("`{written}` belongs on {place}"));
    }
    if let Some(meaning) = foreign::meaning(&written, foreign) {
        let message = format!("there is no attribute `{written}`: {meaning}");
        return syn::Error::new(name.span(), message);
    }
    let names = || known.iter().map(|symbol| symbol.name);
    let message = match stripe_sync_schema::nearest(&written, names()).first() {
        Some(near) => format!("there is no attribute `{written}`; did you mean `{near}`?"),
        None => format!(
            "there is no attribute `{written}`; there are: {}",
            names().collect::<Vec<_>>().join(", ")
        ),
    };
    syn::Error::new(name.span(), message)
}
