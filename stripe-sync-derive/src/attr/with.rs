//! `with = function`, and `with(currency, amount) = function` over several members.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::{parenthesized, token};

use super::items::each_item;
use super::value;
use crate::ctxt::Ctxt;
use crate::path::Path;
use crate::symbol::WITH;

/// As many members as a function can have; the runtime has a call for each number.
const MOST: usize = 8;
/// How it is written with members.
const FORM: &str = "with(currency, amount) = function";

/// A function that reads the value.
pub(crate) struct With {
    pub(crate) function: syn::Path,
    /// The members that it gets, in this order; none where it gets the value at the field's path.
    pub(crate) members: Vec<Path>,
}

impl With {
    /// Reads what stands behind the word.
    pub(super) fn parse(cx: &Ctxt, word: &Ident, input: ParseStream<'_>) -> syn::Result<Self> {
        let mut members = Vec::new();
        if input.peek(token::Paren) {
            let inside;
            let parens = parenthesized!(inside in input);
            let wrong = || syn::Error::new(parens.span.join(), format!("write `{FORM}`"));
            if inside.is_empty() {
                return Err(wrong());
            }
            let before = cx.count();
            each_item(cx, &inside, |input| {
                // Here a path stands by itself.
                let member = Path::parse(input).map_err(|error| {
                    let message = error.to_string().replace("`path = ", "`");
                    syn::Error::new(error.span(), message)
                });
                members.push(member?);
                Ok(())
            })?;
            if members.len() > MOST {
                let message = format!(
                    "a function gets at most {MOST} members, and these are {}: read the object that they are in, with \
                     `path = ..., with = function`",
                    members.len()
                );
                return Err(syn::Error::new(parens.span.join(), message));
            }
            // `with(function)`, as other derives write it.
            if input.is_empty() && cx.count() == before {
                return Err(wrong());
            }
        }
        Ok(Self {
            function: value::function(word, input, WITH)?,
            members,
        })
    }
}
