//! Statements on a SQLite connection.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Column as _, Row as _, SqliteConnection, TypeInfo, ValueRef};

use crate::cell::{Cell, CellType};
use crate::store::db::Bind;
use crate::store::db::driver::codec::{codec, decimal, is_integer, is_text};

codec!(
    "SQLite",
    SqliteConnection,
    SqliteArguments,
    SqliteRow,
    instant_text,
    ToString::to_string
);

/// A moment as sqlx writes a `DateTime<Utc>`.
fn instant_text(value: &DateTime<Utc>) -> String {
    value.to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

/// A moment as sqlx writes a `time::OffsetDateTime`.
pub(crate) fn zulu_text(value: DateTime<Utc>) -> String {
    let text = value.format("%Y-%m-%dT%H:%M:%S%.9f").to_string();
    // A fraction without zeros at its end, if there is any.
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text}Z")
}

fn integer(row: &SqliteRow, index: usize, _: &str) -> Result<i64, sqlx::Error> {
    row.try_get_unchecked(index)
}

fn float(row: &SqliteRow, index: usize, _: &str) -> Result<Option<f64>, sqlx::Error> {
    row.try_get_unchecked(index).map(Some)
}

fn instant(
    row: &SqliteRow,
    index: usize,
    class: &str,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    Ok(match class {
        "TEXT" => read_instant(row.try_get_unchecked(index)?),
        _ => DateTime::from_timestamp(row.try_get_unchecked(index)?, 0),
    })
}

/// A moment as text, as sqlx or SQLite's own functions write it.
fn read_instant(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(value) = DateTime::parse_from_rfc3339(text) {
        return Some(value.with_timezone(&Utc));
    }
    ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(|value| value.and_utc())
}
