//! Statements on a SQLite connection.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Column as _, Row as _, SqlStr, SqliteConnection, TypeInfo, ValueRef};

use crate::cell::{Cell, CellType};
use crate::store::codec::{codec, decimal, is_integer};
use crate::store::db::bind::Bind;
use crate::store::db::connection::{Rows, statements};

statements!(SqliteConnection, SqliteRow);
codec!(
    "SQLite",
    SqliteArguments,
    SqliteRow,
    DateTime::timestamp_micros,
    ToString::to_string
);

/// A moment as text, for a column whose type is the user's own: as sqlx writes `DateTime<Utc>`.
pub(in crate::store) fn instant_text(value: DateTime<Utc>) -> String {
    value.to_rfc3339_opts(SecondsFormat::AutoSi, false)
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
        _ => DateTime::from_timestamp_micros(row.try_get_unchecked(index)?),
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
