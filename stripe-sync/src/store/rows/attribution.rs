//! Which column a database's error is about, and what to say of it.

use crate::cell::Cell;
use crate::store::db::connection::Conn;
use crate::store::db::context::TableContext;
use crate::store::db::retry::TxError;
use crate::store::rows::outcome::Written;

/// The refusal of a row: the column to blame, if it can be told, and the reason in words, which never holds a value.
///
/// # Errors
/// When the database, asked for a constraint's column, fails.
pub(crate) async fn of(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    cells: &[Cell<'static>],
    error: &sqlx::Error,
) -> Result<Written, TxError> {
    let Some(database) = error.as_database_error() else {
        return Ok(Written::failed(None, error.to_string()));
    };
    #[cfg(feature = "postgres")]
    if let Some(error) = database.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
        let (column, reason) =
            crate::store::db::driver::postgres::error::blame(conn, target, cells, error).await?;
        return Ok(Written::failed(column, reason));
    }
    // Used by PostgreSQL only.
    let _ = (conn, cells);
    let message = database.message();
    #[cfg(feature = "mysql")]
    if let Some(error) = database.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        let (column, reason) =
            crate::store::db::driver::mysql::error::blame(error.number(), message);
        return Ok(Written::failed(
            column.or_else(|| named(target, message)),
            reason,
        ));
    }
    Ok(Written::failed(named(target, message), message))
}

/// The one column of the model that a message names.
fn named(target: &TableContext<'_>, message: &str) -> Option<String> {
    let words: Vec<&str> = message
        .split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
        .collect();
    let mut named = target
        .model
        .columns()
        .iter()
        .map(|column| column.name)
        .filter(|name| words.contains(name));
    let first = named.next()?;
    named.next().is_none().then(|| first.to_owned())
}
