//! One parameter of the list, from `filter(name = value)`.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Lit, LitStr, Token, bracketed, token};

/// One parameter of the list.
pub(crate) struct Parameter {
    /// With dots between its words: `status`, `recurring.interval`, `created.gte`.
    pub(crate) name: String,
    pub(crate) name_span: Span,
    /// Its values, one unless it is an array, and where they are written.
    pub(crate) values: Vec<(String, Span)>,
    pub(crate) is_array: bool,
    pub(crate) value_span: Span,
}

impl Parameter {
    pub(super) fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name_span = input.span();
        let mut name = word(input)?;
        while input.peek(Token![.]) {
            input.parse::<Token![.]>()?;
            name = format!("{name}.{}", word(input)?);
        }
        let form = format!("write a filter as `{name} = \"value\"`");
        if !input.peek(Token![=]) {
            return Err(syn::Error::new(name_span, form));
        }
        input.parse::<Token![=]>()?;
        let value_span = input.span();
        let is_array = input.peek(token::Bracket);
        let values = if is_array {
            let inside;
            bracketed!(inside in input);
            let form = format!("write several values as `{name} = [\"one\", \"another\"]`");
            let mut values = Vec::new();
            while !inside.is_empty() {
                values.push(value(&inside, &form)?);
                if !inside.is_empty() {
                    inside.parse::<Token![,]>()?;
                }
            }
            values
        } else {
            vec![value(input, &form)?]
        };
        Ok(Self {
            name,
            name_span,
            values,
            is_array,
            value_span,
        })
    }
}

/// A word of a name, a keyword too, or text in quotes.
fn word(input: ParseStream<'_>) -> syn::Result<String> {
    if input.peek(LitStr) {
        return Ok(input.parse::<LitStr>()?.value());
    }
    Ok(input.call(Ident::parse_any)?.unraw().to_string())
}

fn value(input: ParseStream<'_>, form: &str) -> syn::Result<(String, Span)> {
    let span = input.span();
    let value = match input.parse::<Lit>() {
        Ok(Lit::Str(text)) => text.value(),
        Ok(Lit::Bool(flag)) => flag.value.to_string(),
        Ok(Lit::Int(number)) => number.base10_digits().to_owned(),
        _ => return Err(syn::Error::new(span, form)),
    };
    Ok((value, span))
}
