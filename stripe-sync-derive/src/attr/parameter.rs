//! One parameter of the list, from `filter(name = value)`.

use proc_macro2::{Group, Ident, Span};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Lit, LitStr, Token};

/// One parameter of the list.
pub(crate) struct Parameter {
    /// With dots between its words: `status`, `recurring.interval`, `created.gte`.
    pub(crate) name: String,
    pub(crate) name_span: Span,
    /// Where the name or the sign after it is written as in a request or a comparison: `created[gte]`, `created >= 5`.
    pub(crate) other_form: Option<Span>,
    /// Its values, one unless it is an array, and where they are written.
    pub(crate) values: Vec<(String, Span)>,
    pub(crate) is_array: bool,
    pub(crate) value_span: Span,
}

impl Parameter {
    pub(super) fn parse(input: ParseStream<'_>, example: &str) -> syn::Result<Self> {
        let name_span = input.span();
        let mut other_form = None;
        let mut name = word(input).map_err(|_| {
            syn::Error::new(name_span, format!("expected a filter, as in `{example}`"))
        })?;
        loop {
            let span = input.span();
            if input.parse::<Option<Token![.]>>()?.is_some() {
                name = format!("{name}.{}", word(input)?);
            } else if let Ok(group) = input.parse::<Group>() {
                other_form = Some(span);
                // `ids[]` is the name of an array.
                if !group.stream().is_empty() {
                    name = format!("{name}.{}", inside(&group)?);
                }
            } else if input.peek(Token![>]) || input.peek(Token![<]) {
                other_form = Some(span);
                name = format!("{name}.{}", bound(input)?);
                return Self::values(input, name, (name_span, other_form));
            } else {
                break;
            }
        }
        let span = input.span();
        let sign = input.parse::<Option<Token![==]>>()?.is_some()
            || input.parse::<Option<Token![:]>>()?.is_some();
        if sign {
            other_form = Some(span);
        } else if !input.peek(Token![=]) {
            // `"status=active"`: the value is in the text already.
            let (name, value) = name.split_once('=').unwrap_or((&*name, "value"));
            let message = format!("write a filter as `{} = \"{}\"`", name.trim(), value.trim());
            return Err(syn::Error::new(name_span, message));
        } else {
            input.parse::<Token![=]>()?;
        }
        Self::values(input, name, (name_span, other_form))
    }

    fn values(
        input: ParseStream<'_>,
        name: String,
        (name_span, other_form): (Span, Option<Span>),
    ) -> syn::Result<Self> {
        let value_span = input.span();
        let array = input.parse::<Group>().ok();
        let values = match &array {
            Some(array) => {
                let form = format!("write several values as `{name} = [\"one\", \"another\"]`");
                let values = |input: ParseStream<'_>| {
                    let mut values = Vec::new();
                    while !input.is_empty() {
                        values.push(value(input, &form)?);
                        let span = input.span();
                        if !input.is_empty() && input.parse::<Token![,]>().is_err() {
                            return Err(syn::Error::new(span, &form));
                        }
                    }
                    Ok(values)
                };
                values.parse2(array.stream())?
            }
            None => vec![value(
                input,
                &format!("write a filter as `{name} = \"value\"`"),
            )?],
        };
        Ok(Self {
            name,
            name_span,
            other_form,
            values,
            is_array: array.is_some(),
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

/// The word in the brackets of `created[gte]`.
fn inside(group: &Group) -> syn::Result<String> {
    let wrong = || {
        syn::Error::new(
            group.span(),
            "write a member or a bound behind a dot, as in `created.gte`",
        )
    };
    word.parse2(group.stream()).map_err(|_| wrong())
}

/// The name of a bound that is written as a comparison.
fn bound(input: ParseStream<'_>) -> syn::Result<&'static str> {
    Ok(if input.parse::<Option<Token![>=]>>()?.is_some() {
        "gte"
    } else if input.parse::<Option<Token![<=]>>()?.is_some() {
        "lte"
    } else if input.parse::<Option<Token![>]>>()?.is_some() {
        "gt"
    } else {
        input.parse::<Token![<]>()?;
        "lt"
    })
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
