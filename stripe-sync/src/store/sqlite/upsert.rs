//! Writes rows to SQLite.

use super::MAX_BINDS;
use crate::store::batch::Job;
use crate::store::db::bind::Bind;
use crate::store::db::connection::Conn;
use crate::store::db::retry::TxError;
use crate::store::upsert::{NewRow, Wrote};
use crate::store::values::{Values, as_asked};

/// Nobody else writes, so what was asked is still so.
pub(in crate::store) async fn upsert(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    rows: &[NewRow<'_>],
    finish: i64,
) -> Result<Vec<Wrote>, TxError> {
    let all: Vec<&NewRow<'_>> = rows.iter().collect();
    let mut values = Values::new(job, finish, MAX_BINDS);
    values.tail = job.target.guarded().then(|| Bind::integer(job.span.start));
    values
        .execute(conn, job.target.statements.upsert.pieces(), &all)
        .await?;
    Ok(rows.iter().map(as_asked).collect())
}
