//! `rename_all`: how columns are named after fields.

use syn::LitStr;

/// A way to write several words as one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

const NAMES: [(&str, Case); 8] = [
    ("camelCase", Case::Camel),
    ("PascalCase", Case::Pascal),
    ("snake_case", Case::Snake),
    ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
    ("kebab-case", Case::Kebab),
    ("SCREAMING-KEBAB-CASE", Case::ScreamingKebab),
    ("lowercase", Case::Lower),
    ("UPPERCASE", Case::Upper),
];

impl Case {
    /// The case with this name.
    pub(crate) fn parse(text: &LitStr) -> syn::Result<Self> {
        let value = text.value();
        if let Some((_, case)) = NAMES.iter().find(|(name, _)| *name == value) {
            return Ok(*case);
        }
        // `camel`, `Camel_Case`, `kebab`
        let plain = |name: &str| name.replace(['_', '-', ' '], "").to_ascii_lowercase();
        let meant = |name: &str| {
            let (name, value) = (plain(name), plain(&value));
            value == name || name.strip_suffix("case") == Some(&*value)
        };
        let mut meant = NAMES.iter().filter(|(name, _)| meant(name));
        let message = match (meant.next(), meant.next()) {
            (Some((name, _)), None) => {
                format!("there is no `{value}`; did you mean `rename_all = \"{name}\"`?")
            }
            _ => {
                let names = NAMES.map(|(name, _)| format!("\"{name}\""));
                format!("`rename_all` is one of {}", names.join(", "))
            }
        };
        Err(syn::Error::new(text.span(), message))
    }

    /// A field's name in this case.
    pub(crate) fn apply(self, field: &str) -> String {
        match self {
            Self::Lower | Self::Snake => field.to_owned(),
            Self::Upper | Self::ScreamingSnake => field.to_ascii_uppercase(),
            Self::Kebab => field.replace('_', "-"),
            Self::ScreamingKebab => field.to_ascii_uppercase().replace('_', "-"),
            Self::Pascal => capitals(field, true),
            Self::Camel => capitals(field, false),
        }
    }
}

/// Words joined by their capital letters.
fn capitals(field: &str, mut capital: bool) -> String {
    let mut out = String::with_capacity(field.len());
    for letter in field.chars() {
        if letter == '_' {
            // A leading underscore does not begin a second word.
            capital |= !out.is_empty();
        } else if capital {
            out.push(letter.to_ascii_uppercase());
            capital = false;
        } else {
            out.push(letter);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Case;

    #[test]
    fn cases_are_those_of_serde() {
        let name = "first_seen_at";
        for (case, expected) in [
            (Case::Lower, "first_seen_at"),
            (Case::Upper, "FIRST_SEEN_AT"),
            (Case::Pascal, "FirstSeenAt"),
            (Case::Camel, "firstSeenAt"),
            (Case::Snake, "first_seen_at"),
            (Case::ScreamingSnake, "FIRST_SEEN_AT"),
            (Case::Kebab, "first-seen-at"),
            (Case::ScreamingKebab, "FIRST-SEEN-AT"),
        ] {
            assert_eq!(case.apply(name), expected);
        }
        assert_eq!(Case::Camel.apply("_private"), "private");
    }
}
