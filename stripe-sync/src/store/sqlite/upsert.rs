//! Writes rows to SQLite.

use super::MAX_BINDS;
use crate::store::batch::Job;
use crate::store::connection::{Bind, Conn};
use crate::store::upsert::{NewRow, Wrote, synced_at};
use crate::store::values::{Values, as_asked};

/// Nobody else writes, so what was asked is still so.
pub(in crate::store) async fn upsert(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    rows: &[NewRow<'_>],
    finish: i64,
) -> Result<Vec<Wrote>, sqlx::Error> {
    let guard = job.target.guarded().then(|| Bind::integer(job.span.start));
    let all: Vec<&NewRow<'_>> = rows.iter().collect();
    let values = Values {
        job,
        finish,
        synced_at: synced_at(job),
        tail: guard,
        max_binds: MAX_BINDS,
    };
    values
        .execute(conn, job.target.statements.upsert.into(), &all)
        .await?;
    Ok(rows.iter().map(as_asked).collect())
}

/// Inserts rows that should not exist; answers how many did not.
pub(in crate::store) async fn insert(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    rows: &[NewRow<'_>],
    finish: i64,
) -> Result<u64, sqlx::Error> {
    let all: Vec<&NewRow<'_>> = rows.iter().collect();
    let values = Values {
        job,
        finish,
        synced_at: synced_at(job),
        tail: None,
        max_binds: MAX_BINDS,
    };
    let insert = job.target.statements.insert;
    values.execute(conn, insert.into(), &all).await
}
