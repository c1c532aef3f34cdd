//! `index(customer, created)` and `unique(customer, number)` on the struct.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{LitStr, Token, parenthesized, token};

use super::items::{at_end, each_item};
use crate::ctxt::Ctxt;
use crate::symbol::{Symbol, UNIQUE};

/// An index over some columns.
pub(crate) struct IndexAttr {
    pub(crate) unique: bool,
    /// Where the word stands.
    pub(crate) span: Span,
    /// The names of the struct's fields, in the order of the index.
    pub(crate) fields: Vec<Name>,
}

/// A field that an index names.
pub(crate) struct Name {
    /// Without `r#`.
    pub(crate) name: String,
    pub(crate) span: Span,
}

impl IndexAttr {
    /// Reads what stands behind the word.
    pub(super) fn parse(
        cx: &Ctxt,
        word: &Ident,
        input: ParseStream<'_>,
        symbol: Symbol,
    ) -> syn::Result<Self> {
        let form = || format!("write `{}`", symbol.form);
        if !input.peek(token::Paren) {
            let span = match at_end(input) {
                true => word.span(),
                false => input.span(),
            };
            return Err(syn::Error::new(span, form()));
        }
        let inside;
        parenthesized!(inside in input);
        let mut index = Self {
            unique: symbol == UNIQUE,
            span: word.span(),
            fields: Vec::new(),
        };
        if inside.is_empty() {
            return Err(syn::Error::new(word.span(), form()));
        }
        each_item(cx, &inside, |input| {
            let name = name(input, symbol)?;
            if index.fields.iter().any(|known| known.name == name.name) {
                let message = format!("the field `{}` is in this {symbol} twice", name.name);
                return Err(syn::Error::new(name.span, message));
            }
            index.fields.push(name);
            Ok(())
        })?;
        Ok(index)
    }
}

/// The name of a field, and nothing behind it.
fn name(input: ParseStream<'_>, symbol: Symbol) -> syn::Result<Name> {
    let span = input.span();
    if input.peek(LitStr) {
        let text = input.parse::<LitStr>()?.value();
        let message = format!("write the field's name without quotes: `{symbol}({text})`");
        return Err(syn::Error::new(span, message));
    }
    let name = input.call(Ident::parse_any).map_err(|_| {
        let message = format!("expected a field of the struct, as in `{}`", symbol.form);
        syn::Error::new(span, message)
    })?;
    if input.peek(Token![.]) {
        let message = format!(
            "an {symbol} is over columns: give the value a field, and name that, as in `{}`",
            symbol.form
        );
        let message = message.replacen("an unique", "a unique index", 1);
        return Err(syn::Error::new(span, message));
    }
    if !at_end(input) {
        let message = format!(
            "expected a comma behind the field's name, as in `{}`",
            symbol.form
        );
        return Err(syn::Error::new(input.span(), message));
    }
    Ok(Name {
        name: name.unraw().to_string(),
        span,
    })
}
