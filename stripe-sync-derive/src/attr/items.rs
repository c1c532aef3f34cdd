//! Walks through the items of `#[stripe(item, item, ...)]`. A mistake in one item does not hide those in the next.

use proc_macro2::{Ident, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Meta, Token};

use super::foreign::{self, Meaning, meaning};
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
                let span = input.span();
                let name = input.call(Ident::parse_any).map_err(|_| {
                    syn::Error::new(span, format!("expected an attribute, as in `{example}`"))
                })?;
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

/// The words that an attribute could have been.
pub(super) struct Words {
    /// Those of this place.
    pub(super) known: &'static [Symbol],
    /// Those of the other place, and what that is.
    pub(super) elsewhere: (&'static [Symbol], &'static str),
    /// Those of other derives.
    pub(super) foreign: &'static [Meaning],
}

/// The error for a name that is none of the attributes; `after` is what follows it.
pub(super) fn unknown(name: &Ident, words: &Words, after: ParseStream<'_>) -> syn::Error {
    let Words {
        known,
        elsewhere: (elsewhere, place),
        foreign,
    } = words;
    let written = name.to_string();
    if elsewhere.iter().any(|symbol| symbol.name == written) {
        return syn::Error::new(name.span(), format!("`{written}` belongs on {place}"));
    }
    let wrong = format!("there is no attribute `{written}`");
    let names = || known.iter().map(|symbol| symbol.name);
    let others = || foreign.iter().map(|(word, _)| *word);
    let near = |names| {
        stripe_sync_schema::nearest(&written, names)
            .first()
            .copied()
    };
    let message = if let Some(meaning) = meaning(&written, foreign, after) {
        format!("{wrong}: {meaning}")
    } else if let Some(near) = near(names().collect::<Vec<_>>()) {
        format!("{wrong}; did you mean `{near}`?")
    } else if let Some(near) = near(elsewhere.iter().map(|symbol| symbol.name).collect()) {
        format!("{wrong}; `{near}` belongs on {place}")
    } else if let Some(meaning) =
        near(others().collect()).and_then(|near| foreign::meaning(near, foreign, after))
    {
        format!("{wrong}: {meaning}")
    } else {
        let all: Vec<_> = names().collect();
        format!("{wrong}; there are: {}", all.join(", "))
    };
    syn::Error::new(name.span(), message)
}
