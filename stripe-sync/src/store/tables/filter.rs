//! The filter whose objects a table has.
//!
//! It stands in `tables`, and is part of the number in the [lock](crate::store::tables::lock), so that each write knows it without a
//! question. A table without rows takes the filter of whoever comes next; one with rows only if a run says so, with its
//! first page.

use sqlx::AssertSqlSafe;

use crate::store::db::{Conn, StoreError, TableContext, TxError};

/// Whether the table has any row of the account and mode, live or deleted.
pub(crate) async fn has_rows(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
) -> Result<bool, TxError> {
    let first = format!("SELECT 1 AS one {} LIMIT 1", target.rows_of_scope());
    let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM ({first}) AS found"));
    let rows: i64 = conn.one(sql, &target.scope_binds()).await?;
    Ok(rows > 0)
}

/// Why the table cannot take the rows of the model's filter.
pub(crate) fn refusal(target: &TableContext<'_>, recorded: &str) -> StoreError {
    StoreError::WrongFilter {
        table: target.table().to_owned(),
        expected: describe(recorded),
        model: target.model.name(),
        found: describe(&target.model.filter()),
    }
}

/// A filter in a message.
pub(crate) fn describe(filter: &str) -> String {
    match filter {
        "" => "no filter".to_owned(),
        filter => format!("the filter `{filter}`"),
    }
}
