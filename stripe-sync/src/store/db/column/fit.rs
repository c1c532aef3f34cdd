//! Whether a column returns the values that are written to it.
//!
//! A database changes some values without an error: it cuts spaces, rounds places, moves a moment by a zone. What it changes
//! depends on the column's type, which only the real table knows. So each database says for each kind of cell what a
//! column does to it, and values that would not come back are refused by name before they are sent.

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use rust_decimal::Decimal;

use crate::cell::{Cell, CellType};
use crate::store::db::FoundColumn;

/// Stripe's amounts have up to twelve places; a column with fewer would refuse or round them. Other numbers, such as
/// rates of exchange, may have more.
const PLACES: i64 = 12;

/// What a column does to the values of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fit {
    /// Each value comes back, or the database refuses it.
    Exact,
    /// Each value within all limits comes back, or the database refuses it.
    Within(Vec<Limit>),
    /// Some values would be changed in silence, or none can be written.
    No,
}

/// What a value has to be, so that a column gives it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Limit {
    /// A text of at most so many characters, spaces at its end included.
    Characters(i64),
    /// A text of exactly so many characters.
    Exactly(i64),
    /// A text of at most so many bytes.
    Bytes(i64),
    /// A text that does not end in a space.
    NoSpaceAtEnd,
    /// One of these words, letter for letter.
    Words(Vec<String>),
    /// A text in the one form in which the type is given back.
    Form(Form),
    /// A decimal with so many digits before the point, and so many behind it.
    Digits { before: i64, behind: i64 },
    /// A moment with so many places behind the second.
    SecondPlaces(i64),
    /// A moment in these years.
    Years(i32, i32),
    /// A JSON document that is not a bare number.
    NoBareNumber,
}

/// The form of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `0188e0d8-…`, in lower case.
    Uuid,
    /// `0` and `1`.
    Bits,
    /// `2026-01-31`.
    Date,
    /// A JSON document.
    Json,
}

impl Fit {
    /// Within one limit.
    pub(crate) fn within(limit: Limit) -> Self {
        Self::Within(vec![limit])
    }

    /// With more limits, if there are any.
    pub(crate) fn and(self, more: impl IntoIterator<Item = Limit>) -> Self {
        let mut limits = match self {
            Self::Exact => Vec::new(),
            Self::Within(limits) => limits,
            Self::No => return Self::No,
        };
        limits.extend(more);
        match limits.is_empty() {
            true => Self::Exact,
            false => Self::Within(limits),
        }
    }
}

/// `Exact` if it is so.
impl From<bool> for Fit {
    fn from(exact: bool) -> Self {
        match exact {
            true => Self::Exact,
            false => Self::No,
        }
    }
}

impl Limit {
    /// Returns what was expected and what was found, without the value, if a value is not within the limit.
    pub(crate) fn refusal(&self, cell: &Cell<'_>) -> Option<String> {
        match (self, cell) {
            (Self::Characters(most), Cell::Text(text) | Cell::Json(text)) => {
                over(*most, CHARACTERS, text.chars().count())
            }
            (Self::Characters(most), Cell::Integer(value)) => {
                over(*most, CHARACTERS, value.to_string().len())
            }
            (Self::Characters(most), Cell::Decimal(value)) => {
                over(*most, CHARACTERS, value.to_string().len())
            }
            (Self::Exactly(length), Cell::Text(text)) => {
                let found = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
                (found != *length)
                    .then(|| format!("expected exactly {length} characters, got {found}"))
            }
            (Self::Bytes(most), Cell::Text(text) | Cell::Json(text)) => {
                over(*most, "bytes", text.len())
            }
            (Self::NoSpaceAtEnd, Cell::Text(text)) => text.ends_with(' ').then(|| {
                "expected a text without a space at its end, which the column does not keep"
                    .to_owned()
            }),
            (Self::Words(words), Cell::Text(text)) => {
                let known = words.iter().any(|word| word == text);
                (!known).then(|| format!("expected one of the column's {} words", words.len()))
            }
            (Self::Form(form), Cell::Text(text)) => form.refusal(text),
            (Self::Digits { before, behind }, Cell::Decimal(value)) => {
                digits(*value, *before, *behind)
            }
            (Self::SecondPlaces(places), Cell::Instant(value)) => second_places(*value, *places),
            (Self::Years(first, last), Cell::Instant(value)) => {
                let outside = !(*first..=*last).contains(&value.year());
                outside.then(|| {
                    format!("expected a moment from the year {first} to {last}, got another")
                })
            }
            (Self::NoBareNumber, Cell::Json(json)) => {
                let number = json
                    .trim_start()
                    .starts_with(|first: char| first == '-' || first.is_ascii_digit());
                number.then(|| {
                    "expected an object, an array or a text, got a number, which the column's type may round"
                        .to_owned()
                })
            }
            _ => None,
        }
    }
}

const CHARACTERS: &str = "characters";

fn over(most: i64, unit: &str, found: usize) -> Option<String> {
    let over = i64::try_from(found).unwrap_or(i64::MAX) > most;
    over.then(|| format!("expected at most {most} {unit}, got {found}"))
}

/// Returns what is too much of a decimal.
fn digits(value: Decimal, before: i64, behind: i64) -> Option<String> {
    let value = value.normalize();
    let scale = i64::from(value.scale());
    let whole = value.trunc().abs();
    let whole = match whole.is_zero() {
        true => 0,
        false => whole.to_string().len(),
    };
    let whole = i64::try_from(whole).unwrap_or(i64::MAX);
    (scale > behind || whole > before).then(|| {
        format!(
            "expected a number with at most {before} digits before the point and {behind} behind it, got {whole} and \
             {scale}"
        )
    })
}

fn second_places(value: DateTime<Utc>, places: i64) -> Option<String> {
    /// Places of a nanosecond.
    const NANOSECOND: i64 = 9;
    let shift = u32::try_from((NANOSECOND - places).clamp(0, NANOSECOND)).unwrap_or_default();
    let unit = 10_u32.pow(shift);
    (!value.nanosecond().is_multiple_of(unit))
        .then(|| format!("expected a moment with at most {places} places behind the second"))
}

impl Form {
    fn refusal(self, text: &str) -> Option<String> {
        let (fits, expected) = match self {
            Self::Uuid => (is_uuid(text), "a UUID in lower case"),
            Self::Bits => (
                text.bytes().all(|byte| matches!(byte, b'0' | b'1')),
                "0 and 1",
            ),
            Self::Json => (
                serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok(),
                "a JSON document",
            ),
            Self::Date => (is_date(text), "a date such as 2026-01-31"),
        };
        (!fits).then(|| format!("expected {expected}, got another text"))
    }
}

/// Whether a text is a UUID as databases write it.
fn is_uuid(text: &str) -> bool {
    const LENGTH: usize = 36;
    const HYPHENS: [usize; 4] = [8, 13, 18, 23];
    text.len() == LENGTH
        && text.bytes().enumerate().all(|(place, byte)| match byte {
            b'-' => HYPHENS.contains(&place),
            byte => !HYPHENS.contains(&place) && matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

fn is_date(text: &str) -> bool {
    /// `2026-01-31`.
    const LENGTH: usize = 10;
    text.len() == LENGTH && text.parse::<chrono::NaiveDate>().is_ok()
}

/// What a column of a certain length does to texts, and to numbers that are written as texts.
pub(crate) fn text(cell: CellType, length: Option<i64>) -> Fit {
    match cell {
        CellType::Text | CellType::Json | CellType::Integer | CellType::Decimal => {
            Fit::Exact.and(length.map(Limit::Characters))
        }
        _ => Fit::No,
    }
}

/// What a column of decimals does to decimals.
pub(crate) fn decimal(found: &FoundColumn) -> Fit {
    match (found.digits, found.places) {
        (Some(digits), Some(places)) if places >= PLACES => Fit::within(Limit::Digits {
            before: digits - places,
            behind: places,
        }),
        (_, Some(_)) => Fit::No,
        _ => Fit::Exact,
    }
}

/// What a column of moments does to moments.
pub(crate) fn moment(years: Limit, found: &FoundColumn) -> Fit {
    Fit::within(years).and(found.places.map(Limit::SecondPlaces))
}

/// What an enum does to texts.
pub(crate) fn words(found: &FoundColumn) -> Fit {
    Fit::within(Limit::Words(listed(
        found.words.as_deref().unwrap_or_default(),
    )))
}

/// The words of `'a','b'`: a quote in a word is doubled.
fn listed(list: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut letters = list.chars().peekable();
    while letters.next().is_some() {
        let mut word = String::new();
        while let Some(letter) = letters.next() {
            if letter == '\'' && letters.next_if_eq(&'\'').is_none() {
                break;
            }
            word.push(letter);
        }
        words.push(word);
        // The comma.
        letters.next();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_may_hold_quotes_and_commas() {
        assert_eq!(listed("'a','it''s','b,c',''"), ["a", "it's", "b,c", ""]);
    }

    fn refuses(limit: &Limit, cell: Cell<'_>) -> bool {
        limit.refusal(&cell).is_some()
    }

    fn number(text: &str) -> Cell<'static> {
        Cell::Decimal(text.parse().unwrap())
    }

    #[test]
    fn a_decimal_has_digits_on_both_sides() {
        let limit = Limit::Digits {
            before: 3,
            behind: 2,
        };
        for fits in ["0", "0.01", "-999.99", "12.500", "100"] {
            assert!(!refuses(&limit, number(fits)), "{fits}");
        }
        for misfit in ["0.001", "1000", "-1000.5", "999.999"] {
            assert!(refuses(&limit, number(misfit)), "{misfit}");
        }
    }

    #[test]
    fn a_moment_has_places_and_a_year() {
        let moment = |text: &str| Cell::Instant(text.parse().unwrap());
        let milliseconds = Limit::SecondPlaces(3);
        assert!(!refuses(&milliseconds, moment("2026-01-31T00:00:00.123Z")));
        assert!(refuses(&milliseconds, moment("2026-01-31T00:00:00.1234Z")));
        assert!(refuses(
            &Limit::SecondPlaces(0),
            moment("2026-01-31T00:00:00.1Z")
        ));
        let years = Limit::Years(1000, 9999);
        assert!(!refuses(&years, moment("1000-01-01T00:00:00Z")));
        assert!(refuses(&years, moment("0999-12-31T23:59:59Z")));
        assert!(refuses(&years, moment("+10000-01-01T00:00:00Z")));
    }

    #[test]
    fn a_text_has_a_length_and_a_form() {
        assert!(!refuses(&Limit::Characters(3), Cell::text("äöü")));
        assert!(refuses(&Limit::Characters(3), Cell::text("usd ")));
        assert!(refuses(&Limit::NoSpaceAtEnd, Cell::text("usd ")));
        let uuid = Limit::Form(Form::Uuid);
        let lower = "0188e0d8-6c01-7000-8000-00000000abcd";
        assert!(!refuses(&uuid, Cell::text(lower)));
        assert!(refuses(&uuid, Cell::text(lower.to_uppercase())));
        assert!(refuses(&uuid, Cell::text(&lower[1..])));
        let date = Limit::Form(Form::Date);
        assert!(!refuses(&date, Cell::text("2024-02-29")));
        for misfit in ["2023-02-29", "2024-2-9", "+2024-02-29", "today"] {
            assert!(refuses(&date, Cell::text(misfit)), "{misfit}");
        }
        assert!(refuses(&Limit::Form(Form::Bits), Cell::text("012")));
        let words = Limit::Words(vec!["a".to_owned()]);
        assert!(!refuses(&words, Cell::text("a")));
        assert!(refuses(&words, Cell::text("A")));
        assert!(refuses(&Limit::NoBareNumber, Cell::Json(" -1.50".into())));
        assert!(!refuses(&Limit::NoBareNumber, Cell::Json("[1]".into())));
    }

    #[test]
    fn a_null_is_within_every_limit() {
        assert!(!refuses(&Limit::Characters(0), Cell::Null));
    }
}
