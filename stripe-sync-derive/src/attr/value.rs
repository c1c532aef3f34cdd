//! The values of attributes. An error shows the form that would be right.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseBuffer, ParseStream};
use syn::{Expr, ExprLit, ExprPath, Lit, LitStr, Path, Token, parenthesized, token};

use super::items::at_end;
use crate::symbol::Symbol;

/// A mistake in the form of an attribute.
fn wrong_form(span: Span, symbol: Symbol) -> syn::Error {
    syn::Error::new(span, format!("write `{}`", symbol.form))
}

/// The place of the next token of the item, or of the name where there is none.
fn here(name: &Ident, input: ParseStream<'_>) -> Span {
    if at_end(input) {
        name.span()
    } else {
        input.span()
    }
}

/// Takes the `=` before a value.
pub(super) fn equals(name: &Ident, input: ParseStream<'_>, symbol: Symbol) -> syn::Result<()> {
    if !input.peek(Token![=]) {
        return Err(wrong_form(here(name, input), symbol));
    }
    input.parse::<Token![=]>()?;
    if at_end(input) {
        return Err(wrong_form(name.span(), symbol));
    }
    Ok(())
}

/// The items of `name(item, item)`, of which there is one at least.
pub(super) fn in_parentheses<'p>(
    name: &Ident,
    input: ParseStream<'p>,
    symbol: Symbol,
) -> syn::Result<ParseBuffer<'p>> {
    if !input.peek(token::Paren) {
        return Err(wrong_form(name.span(), symbol));
    }
    let inside;
    parenthesized!(inside in input);
    match inside.is_empty() {
        true => Err(wrong_form(name.span(), symbol)),
        false => Ok(inside),
    }
}

/// An attribute without a value.
pub(super) fn flag(input: ParseStream<'_>, symbol: Symbol) -> syn::Result<()> {
    if at_end(input) {
        return Ok(());
    }
    Err(syn::Error::new(
        input.span(),
        format!("`{symbol}` takes no value: write `{symbol}` alone"),
    ))
}

/// `name = "text"`
pub(super) fn string(name: &Ident, input: ParseStream<'_>, symbol: Symbol) -> syn::Result<LitStr> {
    equals(name, input, symbol)?;
    if input.peek(LitStr) {
        return input.parse();
    }
    let span = input.span();
    // A name without its quotes, as far as it is one.
    let bare: syn::Result<String> = (|| {
        let input = input.fork();
        let mut text = input.call(Ident::parse_any)?.unraw().to_string();
        while input.parse::<Option<Token![.]>>()?.is_some() {
            text = format!("{text}.{}", input.call(Ident::parse_any)?.unraw());
        }
        match at_end(&input) {
            true => Ok(text),
            false => Err(input.error("not a name")),
        }
    })();
    Err(match bare {
        Ok(text) => syn::Error::new(span, format!("write `{symbol} = \"{text}\"`, in quotes")),
        Err(_) => wrong_form(span, symbol),
    })
}

/// `name = word`, where the word is one of a few. `others` are words that mean one of these, and why.
pub(super) fn word<T: Copy>(
    name: &Ident,
    input: ParseStream<'_>,
    symbol: Symbol,
    words: &[(&'static str, T)],
    others: &[(&str, &str, &str)],
) -> syn::Result<T> {
    equals(name, input, symbol)?;
    let span = input.span();
    let quoted: Option<LitStr> = match input.peek(LitStr) {
        true => Some(input.parse()?),
        false => None,
    };
    let text = match (&quoted, input.peek(syn::Ident)) {
        (Some(quoted), _) => quoted.value(),
        (None, true) => input.parse::<Ident>()?.to_string(),
        (None, false) => String::new(),
    };
    let known = words.iter().find(|(word, _)| text == *word);
    if let (Some((_, value)), None) = (known, &quoted) {
        return Ok(*value);
    }
    let all = || {
        let all: Vec<String> = words
            .iter()
            .map(|(word, _)| format!("`{symbol} = {word}`"))
            .collect();
        all.join(" or ")
    };
    let lower = text.to_ascii_lowercase();
    let other = others.iter().find(|(other, ..)| *other == lower);
    let near = stripe_sync_schema::nearest(&text, words.iter().map(|(word, _)| *word));
    let message = if let Some((word, _)) = known {
        format!("write `{symbol} = {word}`, without quotes")
    } else if let Some((_, word, why)) = other {
        format!("there is no `{text}`: write `{symbol} = {word}`{why}")
    } else if let Some(near) = near.first() {
        format!("there is no `{text}`; did you mean `{near}`?")
    } else if text.is_empty() {
        format!("write {}", all())
    } else {
        format!("there is no `{text}`; write {}", all())
    };
    Err(syn::Error::new(span, message))
}

/// `name = path::to::function`
pub(super) fn function(name: &Ident, input: ParseStream<'_>, symbol: Symbol) -> syn::Result<Path> {
    equals(name, input, symbol)?;
    let advice = |span| {
        let form = symbol.form;
        syn::Error::new(span, format!("name a function by its path: `{form}`"))
    };
    let start = input.span();
    // An expression, so that nothing of a closure or a call is left for the next attribute.
    match input.parse::<Expr>().map_err(|_| advice(start))? {
        Expr::Path(ExprPath {
            qself: None, path, ..
        }) => Ok(path),
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => {
            let value = text.value();
            let message = format!("write the function's path without quotes: `{symbol} = {value}`");
            Err(syn::Error::new(text.span(), message))
        }
        other => Err(syn::Error::new_spanned(other, advice(start))),
    }
}

/// `references = path::to::Struct`
pub(super) fn model(name: &Ident, input: ParseStream<'_>, symbol: Symbol) -> syn::Result<Path> {
    equals(name, input, symbol)?;
    let span = input.span();
    let form = symbol.form;
    if let Ok(text) = input.parse::<LitStr>() {
        let message = format!(
            "name the struct of the other resource by its path, without quotes, as in `{form}`, got `\"{}\"`",
            text.value()
        );
        return Err(syn::Error::new(span, message));
    }
    if input.peek(Token![Self]) {
        let message = format!("write the struct's own name, as in `{form}`");
        return Err(syn::Error::new(span, message));
    }
    let advice = || {
        let message = format!("name the struct of the other resource by its path: `{form}`");
        syn::Error::new(span, message)
    };
    // A column of the other table, as SQL writes it, is `customers(id)` or `customers.id`.
    match input.call(Path::parse_mod_style) {
        Ok(path) if at_end(input) => Ok(path),
        _ => Err(advice()),
    }
}

/// `crate = path` or `crate = "path"`
pub(super) fn crate_path(
    name: &Ident,
    input: ParseStream<'_>,
    symbol: Symbol,
) -> syn::Result<Path> {
    equals(name, input, symbol)?;
    if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        return text
            .parse_with(Path::parse_mod_style)
            .map_err(|_| wrong_form(text.span(), symbol));
    }
    let start = input.span();
    input
        .call(Path::parse_mod_style)
        .map_err(|_| wrong_form(start, symbol))
}

/// Any value of syn's.
pub(super) fn parsed<T: Parse>(
    name: &Ident,
    input: ParseStream<'_>,
    symbol: Symbol,
) -> syn::Result<T> {
    equals(name, input, symbol)?;
    input.parse()
}
