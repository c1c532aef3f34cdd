//! Paths as other languages and tools write them: `$.address.country`, `address->>'country'`, `metadata["tenant"]`, `/items/0`.

use proc_macro2::{Delimiter, Span, TokenTree};
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::ParseStream;

use super::{Path, Place, Segment};

/// The path that the tokens up to the next comma mean, if they mean one.
pub(super) fn path(input: ParseStream<'_>) -> Option<Path> {
    let span = input.span();
    let mut text = String::new();
    let mut after_word = false;
    while !input.is_empty() && !input.peek(Token![,]) {
        let token: TokenTree = input.parse().ok()?;
        let is_word = matches!(token, TokenTree::Ident(_) | TokenTree::Literal(_));
        if is_word && after_word {
            return None;
        }
        after_word = is_word;
        match &token {
            TokenTree::Ident(word) => text.push_str(&word.unraw().to_string()),
            TokenTree::Punct(punct) => text.push(punct.as_char()),
            // Without its quotes, text alone is read as a path.
            TokenTree::Literal(literal) => match syn::Lit::new(literal.clone()) {
                syn::Lit::Str(whole)
                    if text.is_empty() && (input.is_empty() || input.peek(Token![,])) =>
                {
                    text.push_str(&whole.value());
                }
                _ => text.push_str(&literal.to_string()),
            },
            TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
                let inside: String = group
                    .stream()
                    .into_iter()
                    .map(|token| token.to_string())
                    .collect();
                text.push_str(&format!("[{inside}]"));
            }
            TokenTree::Group(_) => return None,
        }
    }
    of_text(&text, span)
}

/// The path that a text means, if it means one.
pub(super) fn of_text(text: &str, span: Span) -> Option<Path> {
    let steps = steps(text).filter(|steps| matches!(steps.first(), Some(Place::Key(_))))?;
    Some(Path {
        segments: steps
            .into_iter()
            .map(|step| Segment { step, span })
            .collect(),
    })
}

/// The steps of a text, or `None` if a part of it is none.
fn steps(text: &str) -> Option<Vec<Place>> {
    let mut rest = text.trim().trim_start_matches('$');
    rest = rest.strip_prefix(['.', '/']).unwrap_or(rest);
    let mut steps = Vec::new();
    loop {
        let (step, after) = match rest.strip_prefix('[') {
            Some(inside) => {
                let (inside, after) = inside.split_once(']')?;
                (element(inside.trim(), steps.first())?, after)
            }
            None => one(rest)?,
        };
        steps.push(step);
        let after = after.trim_start();
        rest = match ["->>", "->", "::", "?.", ".", "/", ":"]
            .into_iter()
            .find_map(|between| after.strip_prefix(between))
        {
            Some(next) => next.trim_start(),
            None if after.is_empty() => return Some(steps),
            None if after.starts_with('[') => after,
            None => return None,
        };
    }
}

/// What stands in brackets. A bare word is the key of a map; elsewhere, nobody knows.
fn element(inside: &str, first: Option<&Place>) -> Option<Place> {
    if let Ok(index) = inside.parse() {
        return Some(Place::Index(index));
    }
    let is_map = first == Some(&Place::Key("metadata".to_owned()));
    let (step, after) = one(inside)?;
    (after.is_empty() && (is_map || inside.starts_with(['"', '\'']))).then_some(step)
}

/// One key or index at the beginning of a text, and what follows it.
fn one(text: &str) -> Option<(Place, &str)> {
    if let Some(quote) = text.chars().next().filter(|first| "\"'".contains(*first)) {
        let (key, after) = text.strip_prefix(quote)?.split_once(quote)?;
        return (!key.is_empty()).then(|| (Place::Key(key.to_owned()), after));
    }
    let mut end = 0;
    for (at, letter) in text.char_indices() {
        let arrow = text.get(at..).is_some_and(|rest| rest.starts_with("->"));
        if arrow || !(letter.is_alphanumeric() || letter == '_' || letter == '-') {
            break;
        }
        end = at + letter.len_utf8();
    }
    let (word, after) = text.split_at_checked(end)?;
    match word.parse() {
        Ok(index) => Some((Place::Index(index), after)),
        Err(_) => (!word.is_empty()).then(|| (Place::Key(word.to_owned()), after)),
    }
}
