//! Which column a refused row is refused for, and why, without its values.

use crate::cell::Cell;
use crate::model::Column;
use crate::store::db::TableContext;

/// What is said where the database's own words quote a value.
#[cfg_attr(
    not(any(feature = "postgres", feature = "mysql")),
    allow(dead_code, reason = "SQLite quotes no value")
)]
pub(crate) const MISFIT: &str = "a value does not fit the type of its column";
/// A value that is shorter is only taken for one where it stands in quotes: words and numbers of the message are as short.
const SHORT: usize = 4;
const QUOTES: [char; 3] = ['\'', '"', '`'];

/// Why a row is refused: the column, if it is known, and the reason in words, which never holds a value.
#[derive(Debug)]
pub(crate) struct Attribution {
    pub(crate) column: Option<String>,
    pub(crate) reason: String,
}

/// The one column of the model that a message or a condition names.
#[cfg_attr(
    not(any(feature = "sqlite", feature = "mysql")),
    allow(dead_code, reason = "PostgreSQL says the column itself")
)]
pub(crate) fn named(target: &TableContext<'_>, text: &str) -> Option<String> {
    let words: Vec<&str> = text
        .split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
        .collect();
    let columns = target.model.columns().iter();
    only(columns.filter(|column| words.contains(&column.name)))
}

/// The name of a column that is the only one of some.
pub(crate) fn only<'c>(mut columns: impl Iterator<Item = &'c Column>) -> Option<String> {
    let first = columns.next()?;
    columns.next().is_none().then(|| first.name.to_owned())
}

/// A message without the values of the row that it quotes: a trigger of the application's may say what it likes.
pub(crate) fn without_values(message: &str, cells: &[Cell<'_>]) -> String {
    let values = cells.iter().filter_map(|cell| match cell {
        Cell::Text(text) | Cell::Json(text) => Some(text.to_string()),
        Cell::Integer(number) => Some(number.to_string()),
        Cell::Float(number) => Some(number.to_string()),
        Cell::Decimal(number) => Some(number.to_string()),
        _ => None,
    });
    let mut values: Vec<String> = values.filter(|value| !value.is_empty()).collect();
    // One may be in another.
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    values.iter().fold(message.to_owned(), |message, value| {
        without(&message, value)
    })
}

fn without(message: &str, value: &str) -> String {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut kept = String::with_capacity(message.len());
    let mut rest = message;
    while let Some((before, after)) = rest.split_once(value) {
        let around = [
            before.chars().next_back().or(kept.chars().next_back()),
            after.chars().next(),
        ];
        let is_quoted = around
            .iter()
            .all(|letter| letter.is_some_and(|letter| QUOTES.contains(&letter)));
        let is_whole = !around.into_iter().flatten().any(is_word) && value.chars().count() >= SHORT;
        kept += before;
        kept += if is_quoted || is_whole { "…" } else { value };
        rest = after;
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::{Cell, without_values};

    #[test]
    fn a_message_keeps_no_value() {
        let cells = [
            Cell::text("jenny@example.com"),
            Cell::text("FR"),
            Cell::text("at"),
            Cell::Integer(-20_001),
            Cell::text(""),
            Cell::Null,
        ];
        for (message, kept) in [
            ("no jenny@example.com here", "no … here"),
            ("value 'FR' at row 1", "value '…' at row 1"),
            ("FRANCE at \"at\"", "FRANCE at \"…\""),
            (
                "expected more than -20001, got jenny@example.com",
                "expected more than …, got …",
            ),
            ("xjenny@example.comx", "xjenny@example.comx"),
        ] {
            assert_eq!(without_values(message, &cells), kept);
        }
    }
}
