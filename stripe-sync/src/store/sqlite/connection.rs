//! Statements on a SQLite connection.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use rust_decimal::Decimal;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Column as _, Row as _, SqlStr, SqliteConnection, TypeInfo, ValueRef};

use crate::cell::{Cell, CellType};
use crate::store::db::bind::Bind;
use crate::store::db::connection::{Rows, statements};

statements!(SqliteConnection, SqliteRow);

fn arguments(binds: &[Bind<'_>]) -> Result<SqliteArguments, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    arguments.reserve(binds.len(), 0);
    for bind in binds {
        match bind {
            Bind::Value(_, cell) => add(&mut arguments, cell),
            #[cfg(feature = "postgres")]
            Bind::Column(..) | Bind::Integers(_) | Bind::Texts(_) => {
                Err("SQLite has no arrays".into())
            }
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

fn add(arguments: &mut SqliteArguments, cell: &Cell<'_>) -> Result<(), sqlx::error::BoxDynError> {
    match cell {
        Cell::Null => arguments.add(None::<i64>),
        Cell::Text(text) | Cell::Json(text) => arguments.add(text.as_ref()),
        Cell::Integer(value) => arguments.add(*value),
        Cell::Float(value) => arguments.add(*value),
        Cell::Boolean(value) => arguments.add(*value),
        Cell::Instant(value) => arguments.add(value.timestamp_micros()),
        Cell::Decimal(value) => arguments.add(value.to_string()),
        Cell::Bytes(value) => arguments.add(value.as_ref()),
    }
}

/// A moment as text, for a column whose type is the user's own: as sqlx writes `DateTime<Utc>`.
pub(in crate::store) fn instant_text(value: DateTime<Utc>) -> String {
    value.to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

/// A value may be of any storage class, whatever its column says.
fn cell(row: &SqliteRow, index: usize, kind: CellType) -> Result<Cell<'static>, sqlx::Error> {
    let value = row.try_get_raw(index)?;
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let class = value.type_info().name().to_owned();
    let text = || row.try_get_unchecked::<String, _>(index);
    let number = || row.try_get_unchecked::<i64, _>(index);
    let is_text = class == "TEXT";
    let unexpected = || sqlx::Error::ColumnDecode {
        index: row.column(index).name().to_owned(),
        source: format!("expected {kind}, found {class}").into(),
    };
    Ok(match kind {
        CellType::Text => Cell::Text(Cow::Owned(text()?)),
        CellType::Json => Cell::Json(Cow::Owned(text()?)),
        // SQLite would read a text as the number 0.
        CellType::Integer | CellType::Boolean if class != "INTEGER" => return Err(unexpected()),
        CellType::Integer => Cell::Integer(number()?),
        CellType::Boolean => Cell::Boolean(number()? != 0),
        CellType::Float => Cell::Float(row.try_get_unchecked(index)?),
        CellType::Bytes => Cell::Bytes(Cow::Owned(row.try_get_unchecked(index)?)),
        CellType::Decimal => {
            let text = text()?;
            let value = Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text));
            Cell::Decimal(value.map_err(|_| unexpected())?)
        }
        CellType::Instant if is_text => {
            Cell::Instant(read_instant(&text()?).ok_or_else(unexpected)?)
        }
        CellType::Instant => {
            Cell::Instant(DateTime::from_timestamp_micros(number()?).ok_or_else(unexpected)?)
        }
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
