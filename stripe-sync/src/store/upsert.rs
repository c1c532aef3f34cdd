//! Writes rows that differ from what the table holds.

use chrono::Utc;

use super::batch::Job;
use super::db::bind::Bind;
use super::db::connection::Conn;
use super::db::retry::TxError;
use super::{DatabaseKind, blame, stored, time};
use crate::cell::Cell;
use crate::model::Role;

/// A row to write.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewRow<'r> {
    pub(super) id: &'r str,
    pub(super) cells: &'r [Cell<'static>],
    pub(super) hash: i64,
    /// Whether the table holds a row of this id, as far as was asked.
    pub(super) exists: bool,
}

/// What the database did with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wrote {
    Inserted,
    Updated,
    /// The stored row had become newer.
    Passed,
    /// A value or a constraint is to blame.
    Refused {
        column: Option<String>,
        reason: String,
    },
}

const SAVEPOINT: &str = "SAVEPOINT stripe_sync_rows";
const UNDO: &str = "ROLLBACK TO SAVEPOINT stripe_sync_rows";
const RELEASE: &str = "RELEASE SAVEPOINT stripe_sync_rows";

/// Writes rows in the order of their ids. When it is `careful`, rows that the database refuses are found by halving,
/// and the others are written.
pub(super) async fn rows(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    rows: &[NewRow<'_>],
    finish: i64,
    careful: bool,
) -> Result<Vec<Wrote>, TxError> {
    if !careful {
        return write(conn, job, rows, finish).await;
    }
    let mut wrote = vec![Wrote::Passed; rows.len()];
    let mut ranges = vec![(0, rows.len())];
    while let Some((from, to)) = ranges.pop() {
        conn.run(SAVEPOINT).await?;
        match write(conn, job, &rows[from..to], finish).await {
            Ok(outcomes) => {
                conn.run(RELEASE).await?;
                wrote.splice(from..to, outcomes);
            }
            Err(TxError::Data(error)) => {
                conn.run(UNDO).await?;
                conn.run(RELEASE).await?;
                if to - from == 1 {
                    let row = rows[from];
                    refuse_race(conn, job, row).await?;
                    let (column, reason) =
                        blame::of(conn, &job.target, Some(row.cells), &error).await?;
                    wrote[from] = Wrote::Refused { column, reason };
                } else {
                    let middle = from.midpoint(to);
                    ranges.extend([(middle, to), (from, middle)]);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(wrote)
}

/// A row that was new may have been inserted by others since it was asked for: that is no fault of the row.
async fn refuse_race(conn: &mut Conn<'_>, job: &Job<'_>, row: NewRow<'_>) -> Result<(), TxError> {
    if row.exists {
        return Ok(());
    }
    let found = stored::ask(conn, &job.target, &[row.id], true).await?;
    if found.is_empty() {
        Ok(())
    } else {
        Err(TxError::conflict())
    }
}

async fn write(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    rows: &[NewRow<'_>],
    finish: i64,
) -> Result<Vec<Wrote>, TxError> {
    match conn.kind() {
        #[cfg(feature = "sqlite")]
        DatabaseKind::Sqlite => super::sqlite::upsert(conn, job, rows, finish).await,
        #[cfg(feature = "postgres")]
        DatabaseKind::Postgres => super::postgres::upsert(conn, job, rows, finish).await,
        #[cfg(feature = "mysql")]
        DatabaseKind::MySql => super::mysql::upsert(conn, job, rows, finish).await,
    }
}

/// Inserts rows that should not exist; answers whether none did.
pub(super) async fn insert(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    rows: &[NewRow<'_>],
    finish: i64,
) -> Result<bool, TxError> {
    let inserted: Result<u64, TxError> = match conn.kind() {
        #[cfg(feature = "sqlite")]
        DatabaseKind::Sqlite => {
            super::values::insert(conn, job, rows, finish, super::sqlite::MAX_BINDS).await
        }
        #[cfg(feature = "postgres")]
        DatabaseKind::Postgres => super::postgres::insert(conn, job, rows, finish).await,
        #[cfg(feature = "mysql")]
        DatabaseKind::MySql => {
            super::values::insert(conn, job, rows, finish, super::mysql::MAX_BINDS).await
        }
    };
    Ok(inserted? == rows.len() as u64)
}

/// The bind of the column with the time of the write, if there is one.
pub(super) fn synced_at(job: &Job<'_>) -> Option<Bind<'static>> {
    let column = job.target.model.role(Role::SyncedAt)?;
    Some(time::bind(job.target.kind, Some(column), Utc::now()))
}
