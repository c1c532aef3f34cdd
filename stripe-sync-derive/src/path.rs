//! Paths into an object, as the user writes them: `address.country`, `items.data[0].price`, `metadata."tenant-id"`.

mod other_forms;

use std::fmt;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenTree};
use stripe_sync_schema::Step;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{LitFloat, LitInt, LitStr, Token};

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

impl Segment {
    /// Whether this is a certain key.
    pub(crate) fn is_key(&self, name: &str) -> bool {
        matches!(&self.step, Place::Key(key) if key == name)
    }

    /// Whether this is the key of the map that most objects have.
    fn is_metadata(&self) -> bool {
        self.is_key("metadata")
    }
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
        matches!(self.segments.as_slice(), [only] if only.is_key(name))
    }

    /// The keys with dots between, as `expand` has them.
    pub(crate) fn without_indexes(&self) -> String {
        let keys: Vec<&str> = self.keys().collect();
        keys.join(".")
    }

    /// The keys.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.segments
            .iter()
            .filter_map(|segment| match &segment.step {
                Place::Key(key) => Some(&**key),
                Place::Index(_) => None,
            })
    }

    /// Whether a path as `expand` has it is this one or its beginning.
    pub(crate) fn leads_through(&self, path: &str) -> bool {
        let own = self.without_indexes();
        let rest = own.strip_prefix(path);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// The place of the first index.
    pub(crate) fn first_index(&self) -> Option<Span> {
        let mut segments = self.segments.iter();
        let index = segments.find(|segment| matches!(segment.step, Place::Index(_)))?;
        Some(index.span)
    }

    /// The place of the last segment.
    pub(crate) fn span(&self) -> Span {
        let last = self.segments.last();
        last.map_or_else(Span::call_site, |segment| segment.span)
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

    /// The path that a text means, in whatever form it is written.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        other_forms::of_text(text, Span::call_site())
    }

    /// Reads the path of `path = ...`, up to the next comma. One that is written in another way is an error that shows it in
    /// this one.
    pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let written = input.fork();
        read(input).map_err(|Wrong { span, why, example }| {
            let message = match other_forms::path(&written) {
                Some(path) => format!("{why}: `path = {path}`"),
                None if example.is_empty() => why.to_owned(),
                None => format!("{why}: `{example}`"),
            };
            syn::Error::new(span, message)
        })
    }
}

/// What is wrong with a path, where, and an example of what is right.
struct Wrong {
    span: Span,
    why: &'static str,
    example: &'static str,
}

fn wrong(span: Span, why: &'static str, example: &'static str) -> Wrong {
    Wrong { span, why, example }
}

fn read(input: ParseStream<'_>) -> Result<Path, Wrong> {
    let begin = input.span();
    if input.peek(LitStr) && !input.peek2(Token![.]) {
        let why = "write the path without quotes";
        return Err(wrong(begin, why, "path = address.country"));
    }
    if input.peek(Token![$]) {
        let why = "leave `$` out, a path begins inside the object";
        return Err(wrong(begin, why, "path = address.country"));
    }
    let mut segments = vec![key(input)?];
    while !input.is_empty() && !input.peek(Token![,]) {
        let span = input.span();
        if let Ok(group) = input.parse::<Group>() {
            let is_map = matches!(segments.as_slice(), [first] if first.is_metadata());
            segments.push(index(&group, is_map)?);
        } else if input.parse::<Token![.]>().is_ok() {
            if input.is_empty() || input.peek(Token![,]) {
                return Err(wrong(span, "expected a key after the dot", ""));
            }
            segments.push(key(input)?);
        } else {
            return Err(between(input));
        }
    }
    Ok(Path { segments })
}

/// What stands between two keys and is no dot.
fn between(input: ParseStream<'_>) -> Wrong {
    let (why, example) = if input.peek(Token![->]) || input.peek(Token![:]) || input.peek(Token![/])
    {
        ("write a dot between keys", "address.country")
    } else if input.peek(Token![?]) {
        let why = "leave `?` out, a value is null where anything before it is";
        (why, "address.country")
    } else if input.peek(Token![-]) {
        let why = "write a key that is not a plain word in quotes";
        (why, "metadata.\"tenant-id\"")
    } else {
        let why = "a path is keys with dots between";
        (why, "address.country`, `items.data[0].price")
    };
    wrong(input.span(), why, example)
}

/// A key: a word, a keyword too, or text in quotes.
fn key(input: ParseStream<'_>) -> Result<Segment, Wrong> {
    let span = input.span();
    let name = if input.peek(LitInt) || input.peek(LitFloat) {
        let why =
            "write an element's index in brackets, and a key that begins with a digit in quotes";
        return Err(wrong(span, why, "items.data[0].price"));
    } else if let Ok(text) = input.parse::<LitStr>() {
        text.value()
    } else {
        match input.call(Ident::parse_any) {
            Ok(word) => word.unraw().to_string(),
            Err(_) => return Err(wrong(span, "expected a key", "address.country")),
        }
    };
    let step = Place::Key(name);
    Ok(Segment { step, span })
}

/// `[0]`; what a map has are keys.
fn index(group: &Group, is_map: bool) -> Result<Segment, Wrong> {
    let span = group.span();
    let inside: Vec<TokenTree> = group.stream().into_iter().collect();
    let place = inside.first().map_or(span, TokenTree::span);
    let literal = match inside.as_slice() {
        [TokenTree::Literal(literal)] => Some(syn::Lit::new(literal.clone())),
        _ => None,
    };
    match literal {
        Some(syn::Lit::Int(number)) if group.delimiter() == Delimiter::Bracket => {
            if let Ok(index) = number.base10_parse() {
                let step = Place::Index(index);
                return Ok(Segment { step, span });
            }
        }
        Some(syn::Lit::Str(_)) => {
            return Err(wrong(place, "write a key behind a dot", "metadata.key"));
        }
        None if is_map => return Err(wrong(place, "write a key behind a dot", "metadata.key")),
        _ => {}
    }
    Err(wrong(place, "an index is a number from 0", "data[0]"))
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
            (
                "\"address.country\"",
                "without quotes: `path = address.country`",
            ),
            (
                "\"$.address.country\"",
                "without quotes: `path = address.country`",
            ),
            ("\"/items/data/0/price\"", "`path = items.data[0].price`"),
            ("\"metadata.tenant-id\"", "`path = metadata.\"tenant-id\"`"),
            (
                "\"address ->> 'country'\"",
                "without quotes: `path = address.country`",
            ),
            (
                "metadata.tenant-id",
                "in quotes: `path = metadata.\"tenant-id\"`",
            ),
            (
                "metadata.the-tenant-id",
                "`path = metadata.\"the-tenant-id\"`",
            ),
            ("items.data.0", "in brackets"),
            ("items.data.0.price", "`path = items.data[0].price`"),
            ("items.data[x]", "a number from 0: `data[0]`"),
            ("items.data[*]", "a number from 0: `data[0]`"),
            ("items.data[-1]", "a number from 0: `data[0]`"),
            ("items.data()", "a number from 0"),
            ("a b", "dots between"),
            ("a.", "expected a key after the dot"),
            ("metadata[\"tenant-id\"]", "`path = metadata.\"tenant-id\"`"),
            ("metadata[\"tenant\"]", "`path = metadata.tenant`"),
            ("metadata[tenant]", "`path = metadata.tenant`"),
            ("metadata[tenant-id]", "`path = metadata.\"tenant-id\"`"),
            ("address[\"country\"]", "`path = address.country`"),
            (
                "address->country",
                "a dot between keys: `path = address.country`",
            ),
            (
                "address->>\"country\"",
                "a dot between keys: `path = address.country`",
            ),
            (
                "address::country",
                "a dot between keys: `path = address.country`",
            ),
            (
                "address:country",
                "a dot between keys: `path = address.country`",
            ),
            (
                "address/country",
                "a dot between keys: `path = address.country`",
            ),
            ("address?.country", "leave `?` out"),
            ("$.address.country", "leave `$` out"),
            ("$.address.country", ": `path = address.country`"),
        ] {
            let message = path(text).unwrap_err();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
