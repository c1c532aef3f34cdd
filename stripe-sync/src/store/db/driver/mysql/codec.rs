//! Statements on a MySQL connection.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDateTime, Utc};
use sqlx::mysql::{MySqlArguments, MySqlRow};
use sqlx::{Arguments, Column as _, MySqlConnection, Row as _, TypeInfo, ValueRef};

use crate::cell::{Cell, CellType};
use crate::store::db::connection::{Statement as _, within};
use crate::store::db::driver::codec::{codec, decimal, is_integer, is_text};
use crate::store::db::{Bind, Conn, DatabaseKind, Link, TxError};

// A moment is sent without a zone, so that the session's does not matter.
codec!(
    "MySQL",
    MySqlConnection,
    MySqlArguments,
    MySqlRow,
    DateTime::naive_utc,
    Clone::clone
);

/// Returns the next token; the server returns the number with the update.
pub(crate) async fn next_token(conn: &mut Conn<'_>) -> Result<i64, TxError> {
    let raise = "UPDATE $clock SET token = LAST_INSERT_ID(token + 1)";
    let raise = raise.text(DatabaseKind::MySql, &conn.settings.placement);
    let limit = conn.settings.statement_timeout;
    let link = match &mut conn.link {
        Link::MySql(link) => link,
        #[allow(unreachable_patterns, reason = "MySQL may be the only database")]
        _ => return Err(TxError::conflict()),
    };
    let done = within(limit, sqlx::query(raise).execute(&mut **link)).await?;
    Ok(done.last_insert_id().cast_signed())
}

/// The driver would take the highest bit of an unsigned number for a sign.
fn integer(row: &MySqlRow, index: usize, class: &str) -> Result<i64, sqlx::Error> {
    if class.contains("UNSIGNED") || class == "BIT" {
        let value = row.try_get_unchecked::<u64, _>(index)?;
        return value
            .try_into()
            .map_err(|error: std::num::TryFromIntError| sqlx::Error::Decode(error.into()));
    }
    row.try_get_unchecked(index)
}

fn float(row: &MySqlRow, index: usize, class: &str) -> Result<Option<f64>, sqlx::Error> {
    Ok(match class {
        "FLOAT" => Some(f64::from(row.try_get_unchecked::<f32, _>(index)?)),
        "DOUBLE" => Some(row.try_get_unchecked(index)?),
        _ => row.try_get_unchecked::<&str, _>(index)?.parse().ok(),
    })
}

fn instant(row: &MySqlRow, index: usize, _: &str) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let value = row.try_get_unchecked::<NaiveDateTime, _>(index)?;
    Ok(Some(value.and_utc()))
}
