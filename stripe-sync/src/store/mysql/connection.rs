//! Statements on a MySQL connection.

use std::borrow::Cow;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use sqlx::mysql::{MySqlArguments, MySqlRow};
use sqlx::{Arguments, Column as _, MySqlConnection, Row as _, SqlStr, TypeInfo, ValueRef};

use crate::cell::{Cell, CellType};
use crate::store::Settings;
use crate::store::db::bind::Bind;
use crate::store::db::connection::{Rows, Statement as _, statements, within};
use crate::store::db::dialect::DatabaseKind;
use crate::store::db::retry::TxError;

statements!(MySqlConnection, MySqlRow);

/// Returns the next token; the server says with the update which number it was.
pub(in crate::store) async fn tick(
    conn: &mut MySqlConnection,
    settings: &Settings,
) -> Result<i64, TxError> {
    let raise = "UPDATE $clock SET token = LAST_INSERT_ID(token + 1)";
    let raise = raise.text(DatabaseKind::MySql, &settings.placement);
    let done = sqlx::query(raise).execute(conn);
    let done = within(settings.statement_timeout, done).await?;
    Ok(done.last_insert_id().cast_signed())
}

fn arguments(binds: &[Bind<'_>]) -> Result<MySqlArguments, sqlx::Error> {
    let mut arguments = MySqlArguments::default();
    arguments.reserve(binds.len(), 0);
    for bind in binds {
        match bind {
            Bind::Value(_, cell) => add(&mut arguments, cell),
            #[cfg(feature = "postgres")]
            Bind::Column(..) | Bind::Integers(_) | Bind::Texts(_) => {
                Err("MySQL has no arrays".into())
            }
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

fn add(arguments: &mut MySqlArguments, cell: &Cell<'_>) -> Result<(), sqlx::error::BoxDynError> {
    match cell {
        Cell::Null => arguments.add(None::<i64>),
        Cell::Text(text) | Cell::Json(text) => arguments.add(text.as_ref()),
        Cell::Integer(value) => arguments.add(*value),
        Cell::Float(value) => arguments.add(*value),
        Cell::Boolean(value) => arguments.add(*value),
        // Without a zone, so that the session's does not matter.
        Cell::Instant(value) => arguments.add(value.naive_utc()),
        Cell::Decimal(value) => arguments.add(*value),
        Cell::Bytes(value) => arguments.add(value.as_ref()),
    }
}

/// The server names a type for each expression that is often not the column's own (MariaDB's JSON is a text), so
/// the driver's check of types is passed by.
fn cell(row: &MySqlRow, index: usize, kind: CellType) -> Result<Cell<'static>, sqlx::Error> {
    let value = row.try_get_raw(index)?;
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let class = value.type_info().name().to_owned();
    let text = || row.try_get_unchecked::<String, _>(index);
    let number = || row.try_get_unchecked::<i64, _>(index);
    let unexpected = || sqlx::Error::ColumnDecode {
        index: row.column(index).name().to_owned(),
        source: format!("expected {kind}, found {class}").into(),
    };
    Ok(match kind {
        CellType::Text => Cell::Text(Cow::Owned(text()?)),
        CellType::Json => Cell::Json(Cow::Owned(text()?)),
        // The server sends it as text.
        CellType::Integer if class == "DECIMAL" => {
            Cell::Integer(text()?.parse().map_err(|_| unexpected())?)
        }
        // The driver would read the bytes of a text as a number.
        CellType::Integer | CellType::Boolean if !is_integer(&class) => return Err(unexpected()),
        CellType::Integer => Cell::Integer(number()?),
        CellType::Boolean => Cell::Boolean(number()? != 0),
        CellType::Float if class == "FLOAT" => {
            Cell::Float(f64::from(row.try_get_unchecked::<f32, _>(index)?))
        }
        CellType::Float if class == "DOUBLE" => Cell::Float(row.try_get_unchecked(index)?),
        CellType::Float => Cell::Float(text()?.parse().map_err(|_| unexpected())?),
        CellType::Decimal => {
            let text = text()?;
            let value = Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text));
            Cell::Decimal(value.map_err(|_| unexpected())?)
        }
        CellType::Instant => {
            Cell::Instant(row.try_get_unchecked::<NaiveDateTime, _>(index)?.and_utc())
        }
        CellType::Bytes => Cell::Bytes(Cow::Owned(row.try_get_unchecked(index)?)),
    })
}

/// Whether the driver's name of a type is that of a whole number.
fn is_integer(class: &str) -> bool {
    ["INT", "BOOLEAN", "BIT", "YEAR"]
        .iter()
        .any(|name| class.contains(name))
}
