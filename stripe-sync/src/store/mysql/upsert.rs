//! Writes rows to MySQL.

use sqlx::{AssertSqlSafe, SqlSafeStr as _};

use super::MAX_BINDS;
use crate::store::batch::Job;
use crate::store::db::connection::Conn;
use crate::store::db::retry::TxError;
use crate::store::upsert::{NewRow, Wrote};
use crate::store::values::{Values, as_asked};

/// Rows that exist are locked. Those that do not are inserted without ON DUPLICATE KEY, which fires on any unique key
/// and would overwrite another object's row.
pub(in crate::store) async fn upsert(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    rows: &[NewRow<'_>],
    finish: i64,
) -> Result<Vec<Wrote>, TxError> {
    let statements = &job.target.statements;
    let values = Values::new(job, finish, MAX_BINDS);
    let (old, new): (Vec<&NewRow<'_>>, Vec<&NewRow<'_>>) = rows.iter().partition(|row| row.exists);
    if job.second_key {
        for row in &old {
            let sql = AssertSqlSafe(statements.update.head.clone()).into_sql_str();
            conn.execute(sql, &values.update(**row)).await?;
        }
    } else {
        values
            .execute(conn, statements.upsert.pieces(), &old)
            .await?;
    }
    values
        .execute(conn, statements.insert.pieces(), &new)
        .await?;
    Ok(rows.iter().map(as_asked).collect())
}
