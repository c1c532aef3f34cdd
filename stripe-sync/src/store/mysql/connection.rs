//! Statements on a MySQL connection.

use std::borrow::Cow;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use sqlx::mysql::{MySqlArguments, MySqlRow};
use sqlx::{Arguments, Column as _, MySqlConnection, Row as _, SqlStr, TypeInfo, ValueRef};

use crate::cell::{Cell, CellType};
use crate::store::connection::{Bind, Rows};

/// Runs a statement and reads its columns as cells of these types.
pub(in crate::store) async fn fetch(
    conn: &mut MySqlConnection,
    sql: SqlStr,
    binds: &[Bind<'_>],
    columns: &[CellType],
) -> Result<Rows, sqlx::Error> {
    let rows = sqlx::query_with(sql, arguments(binds)?)
        .fetch_all(conn)
        .await?;
    rows.iter().map(|row| cells(row, columns)).collect()
}

/// Runs a statement and says how many rows it touched.
pub(in crate::store) async fn execute(
    conn: &mut MySqlConnection,
    sql: SqlStr,
    binds: &[Bind<'_>],
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query_with(sql, arguments(binds)?)
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
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

fn cells(row: &MySqlRow, columns: &[CellType]) -> Result<Vec<Cell<'static>>, sqlx::Error> {
    columns
        .iter()
        .enumerate()
        .map(|(index, &kind)| cell(row, index, kind))
        .collect()
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
