//! Writes rows that differ from what the table holds.

#[cfg(feature = "postgres")]
use super::DatabaseKind;
use super::attempt::Plan;
use super::batch::{Job, Written};
use super::blame;
use super::db::connection::Conn;
use super::db::retry::TxError;
use super::stored::{self, Wanted};

pub(super) const SAVEPOINT: &str = "SAVEPOINT stripe_sync_rows";
pub(super) const UNDO: &str = "ROLLBACK TO SAVEPOINT stripe_sync_rows";
pub(super) const RELEASE: &str = "RELEASE SAVEPOINT stripe_sync_rows";

/// Writes rows in the order of their ids. When it is `bisecting`, rows that the database refuses are found by halving,
/// and the others are written.
pub(super) async fn rows(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    plans: &[&Plan<'_>],
    finish: i64,
    bisecting: bool,
) -> Result<Vec<Written>, TxError> {
    if plans.is_empty() {
        return Ok(Vec::new());
    }
    if !bisecting {
        return write(conn, job, plans, finish).await;
    }
    let mut written = vec![Written::ReadAgain; plans.len()];
    let mut ranges = vec![(0, plans.len())];
    while let Some((from, to)) = ranges.pop() {
        conn.run(SAVEPOINT).await?;
        match write(conn, job, &plans[from..to], finish).await {
            Ok(outcomes) => {
                conn.run(RELEASE).await?;
                written.splice(from..to, outcomes);
            }
            Err(TxError::Data(error)) => {
                conn.run(UNDO).await?;
                conn.run(RELEASE).await?;
                if to - from == 1 {
                    refuse_race(conn, job, plans[from]).await?;
                    let cells = &plans[from].cells;
                    written[from] = blame::of(conn, &job.target, cells, &error).await?;
                } else {
                    let middle = from.midpoint(to);
                    ranges.extend([(middle, to), (from, middle)]);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(written)
}

/// A row that was new may have been inserted by others since it was asked for: that is no fault of the row.
async fn refuse_race(conn: &mut Conn<'_>, job: &Job<'_>, plan: &Plan<'_>) -> Result<(), TxError> {
    if plan.stored.is_some() {
        return Ok(());
    }
    let none = Wanted::none(job.target.model);
    let found = stored::read(conn, &job.target, &[&plan.row.id], true, &none).await?;
    match found.is_empty() {
        true => Ok(()),
        false => Err(TxError::conflict()),
    }
}

async fn write(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    plans: &[&Plan<'_>],
    finish: i64,
) -> Result<Vec<Written>, TxError> {
    match conn.kind() {
        #[cfg(feature = "postgres")]
        DatabaseKind::Postgres => super::postgres::upsert(conn, job, plans, finish).await,
        #[cfg(any(feature = "sqlite", feature = "mysql"))]
        _ => super::values::upsert(conn, job, plans, finish).await,
    }
}

/// Inserts rows that should not exist; answers whether none did.
pub(super) async fn insert(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    plans: &[&Plan<'_>],
    finish: i64,
) -> Result<bool, TxError> {
    let inserted: Result<u64, TxError> = match conn.kind() {
        #[cfg(feature = "postgres")]
        DatabaseKind::Postgres => super::postgres::insert(conn, job, plans, finish).await,
        #[cfg(any(feature = "sqlite", feature = "mysql"))]
        _ => super::values::insert(conn, job, plans, finish).await,
    };
    Ok(inserted? == plans.len() as u64)
}
