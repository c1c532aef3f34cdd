//! Paths into an object, as the user writes them: `address.country`, `items.data[0].price`, `metadata."tenant-id"`.

use std::fmt;

use proc_macro2::{Ident, Span};
use stripe_sync_schema::Step;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{LitFloat, LitInt, LitStr, Token, bracketed, token};

/// Where a value stands in an object.
#[derive(Clone)]
pub(crate) struct Path {
    pub(crate) segments: Vec<Segment>,
}

/// One step of a path and where it is written.
#[derive(Clone)]
pub(crate) struct Segment {
    pub(crate) step: Place,
    pub(crate) span: Span,
}

/// What a step names.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// The member of an object, or the key of a map.
    Key(String),
    /// The element of an array, from 0.
    Index(usize),
}

impl Path {
    /// The path that a field without an attribute has: its name.
    pub(crate) fn of_field(name: String, span: Span) -> Self {
        Self {
            segments: vec![Segment {
                step: Place::Key(name),
                span,
            }],
        }
    }

    /// Whether the path is this one key.
    pub(crate) fn is_key(&self, name: &str) -> bool {
        matches!(self.segments.as_slice(), [only] if matches!(&only.step, Place::Key(key) if key == name))
    }

    /// The steps, as the schema wants them.
    pub(crate) fn steps(&self) -> Vec<Step<'_>> {
        self.segments
            .iter()
            .map(|segment| match &segment.step {
                Place::Key(key) => Step::Key(key),
                Place::Index(index) => Step::Index(*index),
            })
            .collect()
    }

    /// The first `count` steps.
    pub(crate) fn until(&self, count: usize) -> Self {
        Self {
            segments: self.segments.iter().take(count).cloned().collect(),
        }
    }

    /// Reads the path of `path = ...`, up to the next comma.
    pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            let text: LitStr = input.parse()?;
            let message = format!("write the path without quotes: `path = {}`", text.value());
            return Err(syn::Error::new(text.span(), message));
        }
        if input.peek(Token![$]) {
            let message = "leave `$` out: a path begins inside the object, as in `address.country`";
            return Err(syn::Error::new(input.span(), message));
        }
        let mut segments = vec![key(input)?];
        while !input.is_empty() && !input.peek(Token![,]) {
            if input.peek(token::Bracket) {
                segments.push(index(input)?);
            } else if input.peek(Token![.]) {
                let dot: Token![.] = input.parse()?;
                if input.is_empty() || input.peek(Token![,]) {
                    return Err(syn::Error::new(dot.span, "expected a key after the dot"));
                }
                segments.push(key(input)?);
            } else if input.peek(Token![->]) || input.peek(Token![::]) || input.peek(Token![/]) {
                let message = "write a dot between keys: `address.country`";
                return Err(syn::Error::new(input.span(), message));
            } else if input.peek(Token![-]) {
                let message =
                    "write a key that is not a plain word in quotes: `metadata.\"tenant-id\"`";
                return Err(syn::Error::new(input.span(), message));
            } else {
                let message =
                    "a path is keys with dots between: `address.country`, `items.data[0].price`";
                return Err(syn::Error::new(input.span(), message));
            }
        }
        Ok(Self { segments })
    }
}

/// A key: a word, a keyword too, or text in quotes.
fn key(input: ParseStream<'_>) -> syn::Result<Segment> {
    let span = input.span();
    let name = if input.peek(LitStr) {
        input.parse::<LitStr>()?.value()
    } else if input.peek(LitInt) || input.peek(LitFloat) {
        let message = "write an element's index in brackets, `data[0]`, and a key that begins with a digit in quotes";
        return Err(syn::Error::new(span, message));
    } else {
        input
            .call(Ident::parse_any)
            .map_err(|_| syn::Error::new(span, "expected a key, as in `address.country`"))?
            .unraw()
            .to_string()
    };
    Ok(Segment {
        step: Place::Key(name),
        span,
    })
}

/// `[0]`
fn index(input: ParseStream<'_>) -> syn::Result<Segment> {
    let inside;
    let bracket = bracketed!(inside in input);
    let span = bracket.span.join();
    let wrong = |span| syn::Error::new(span, "an index is a number from 0: `data[0]`");
    // A key of a map, as other languages write it.
    if let Ok(key) = inside.fork().call(key)
        && !inside.peek(LitInt)
    {
        skip(&inside)?;
        let Place::Key(key) = key.step else {
            return Err(wrong(span));
        };
        let key = Path::of_field(key, span);
        let message = format!(
            "write a key behind a dot, `.{key}`; an index is a number from 0, as in `data[0]`"
        );
        return Err(syn::Error::new(span, message));
    }
    let number: LitInt = match inside.parse() {
        Ok(number) => number,
        Err(_) => {
            // What is left unread would be a second error.
            skip(&inside)?;
            return Err(wrong(span));
        }
    };
    let step = number.base10_parse().map_err(|_| wrong(number.span()))?;
    Ok(Segment {
        step: Place::Index(step),
        span,
    })
}

fn skip(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

impl fmt::Display for Path {
    /// As the user would write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.segments.iter().enumerate() {
            match &segment.step {
                Place::Index(index) => write!(f, "[{index}]")?,
                Place::Key(key) => {
                    if at > 0 {
                        f.write_str(".")?;
                    }
                    if is_word(key) {
                        f.write_str(key)?;
                    } else {
                        write!(f, "{key:?}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether a key can be written without quotes.
fn is_word(key: &str) -> bool {
    !key.is_empty()
        && !key.starts_with(|first: char| first.is_ascii_digit())
        && key
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

#[cfg(test)]
mod tests {
    use syn::parse::Parser;

    use super::Path;

    fn path(text: &str) -> Result<String, String> {
        Path::parse
            .parse_str(text)
            .map(|path| path.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn paths_read_and_print_alike() {
        for text in [
            "type",
            "address.country",
            "items.data[0].price",
            "metadata.\"tenant-id\"",
            "metadata.\"3d\"",
            "a[0][1]",
        ] {
            assert_eq!(path(text).unwrap(), text);
        }
        assert_eq!(path("r#type.r#fn").unwrap(), "type.fn");
    }

    #[test]
    fn what_is_no_path_says_what_to_write() {
        for (text, part) in [
            ("\"address.country\"", "without quotes"),
            ("metadata.tenant-id", "in quotes"),
            ("items.data.0", "in brackets"),
            ("items.data[x]", "a number from 0"),
            ("items.data[-1]", "a number from 0"),
            ("a b", "dots between"),
            ("a.", "expected a key after the dot"),
            ("metadata[\"tenant-id\"]", "`.\"tenant-id\"`"),
            ("metadata[tenant]", "`.tenant`"),
            ("address->country", "a dot between"),
            ("address::country", "a dot between"),
            ("address/country", "a dot between"),
            ("$.address", "leave `$` out"),
        ] {
            let message = path(text).unwrap_err();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
