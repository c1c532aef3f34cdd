//! Writes rows to MySQL.

use super::MAX_BINDS;
use crate::store::batch::Job;
use crate::store::connection::Conn;
use crate::store::upsert::{NewRow, Wrote};
use crate::store::values::{Values, as_asked};

/// Rows that exist are locked. Those that do not are inserted without ON DUPLICATE KEY, which fires on any unique key
/// and would overwrite another object's row.
pub(in crate::store) async fn upsert(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    rows: &[NewRow<'_>],
    finish: i64,
) -> Result<Vec<Wrote>, sqlx::Error> {
    let statements = job.target.statements;
    let values = Values::new(job, finish, MAX_BINDS);
    let (old, new): (Vec<&NewRow<'_>>, Vec<&NewRow<'_>>) = rows.iter().partition(|row| row.exists);
    if job.second_key {
        for row in &old {
            let sql = conn.sql(statements.update.head);
            conn.execute(sql, &values.update(**row)).await?;
        }
    } else {
        values.execute(conn, statements.upsert.into(), &old).await?;
    }
    values.execute(conn, statements.insert.into(), &new).await?;
    Ok(rows.iter().map(as_asked).collect())
}
