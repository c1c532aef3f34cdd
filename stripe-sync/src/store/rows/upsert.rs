//! Writes rows that differ from what the table holds.
#[cfg(feature = "postgres")]
pub(crate) mod copy;
pub(crate) mod exchange;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(any(feature = "sqlite", feature = "mysql"))]
pub(crate) mod values;

#[cfg(feature = "postgres")]
use crate::store::db::DatabaseKind;
use crate::store::db::{Conn, TxError};
use crate::store::rows::{Job, RowPlan, WantedColumns, Written, outcome, stored};

pub(crate) const SAVEPOINT: &str = "SAVEPOINT stripe_sync_rows";
pub(crate) const UNDO: &str = "ROLLBACK TO SAVEPOINT stripe_sync_rows";
pub(crate) const RELEASE: &str = "RELEASE SAVEPOINT stripe_sync_rows";

/// Writes rows in the order of their ids. When it is `bisecting`, rows that the database refuses are found by halving,
/// and the others are written. A row that another one of them was in the way of, or that refers to it, is written once that
/// one is.
pub(crate) async fn write_isolating(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    plans: &[&RowPlan<'_>],
    finish: i64,
    bisecting: bool,
) -> Result<Vec<Written>, TxError> {
    if plans.is_empty() {
        return Ok(Vec::new());
    }
    if !bisecting {
        return upsert(conn, job, plans, finish).await;
    }
    let mut written = vec![Written::ReadAgain; plans.len()];
    let mut refused = Vec::new();
    let mut ranges = vec![(0, plans.len())];
    while let Some((from, to)) = ranges.pop() {
        match attempt(conn, job, &plans[from..to], finish).await? {
            Ok(outcomes) => {
                written.splice(from..to, outcomes);
            }
            Err(_) if to - from > 1 => {
                let middle = from.midpoint(to);
                ranges.extend([(middle, to), (from, middle)]);
            }
            Err(error) => {
                refuse_race(conn, job, plans[from]).await?;
                refused.push((from, error));
            }
        }
    }
    // Each round writes one of them at the least, or is the last.
    let mut before = usize::MAX;
    while refused.len() < before {
        before = refused.len();
        for (place, refusal) in std::mem::take(&mut refused) {
            if !refusal.depends_on_others() {
                refused.push((place, refusal));
                continue;
            }
            match attempt(conn, job, &plans[place..=place], finish).await? {
                Ok(outcomes) => {
                    written.splice(place..=place, outcomes);
                }
                Err(refusal) => refused.push((place, refusal)),
            }
        }
    }
    exchange(conn, job, plans, finish, &mut refused, &mut written).await?;
    for (place, refusal) in refused {
        let depends = refusal.depends_on_others();
        let (mut refused, by_database) = match refusal {
            Refusal::Now(error) => {
                let cells = &plans[place].cells;
                let refused = outcome::refused(conn, &job.target, cells, &error).await?;
                let error = error.as_database_error();
                // Many rows in a row may have values of rows that a later page brings: the table is not to blame for that.
                let error = error.filter(|error| !error.is_unique_violation());
                (
                    refused,
                    error.and_then(|error| Some(error.code()?.into_owned())),
                )
            }
            Refusal::Later(refused) => (refused, None),
        };
        if let Written::Failed { waits, code, .. } = &mut refused {
            (*waits, *code) = (depends, by_database);
        }
        written[place] = refused;
    }
    Ok(written)
}

/// Writes together what is left of rows that have one another's values under unique keys.
async fn exchange(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    plans: &[&RowPlan<'_>],
    finish: i64,
    refused: &mut Vec<(usize, Refusal)>,
    written: &mut [Written],
) -> Result<(), TxError> {
    let is_stuck = |(place, refusal): &(usize, Refusal)| {
        plans[*place].stored.is_some() && refusal.is_unique_violation()
    };
    let places: Vec<usize> = refused
        .iter()
        .filter(|one| is_stuck(one))
        .map(|one| one.0)
        .collect();
    if places.len() < 2 {
        return Ok(());
    }
    let stuck: Vec<&RowPlan<'_>> = places.iter().map(|place| plans[*place]).collect();
    let ids: Vec<&str> = stuck.iter().map(|plan| &*plan.row.id).collect();
    conn.run(SAVEPOINT).await?;
    let done = match exchange::make(conn, &job.target, &ids).await {
        Ok(true) => upsert(conn, job, &stuck, finish).await.map(Some),
        Ok(false) => Ok(None),
        Err(error) => Err(error),
    };
    match done {
        Ok(Some(outcomes)) if job.refused_later(conn).await?.is_none() => {
            for (place, outcome) in places.iter().zip(outcomes) {
                written[*place] = outcome;
            }
            refused.retain(|(place, _)| !places.contains(place));
        }
        Ok(_) | Err(TxError::Data(_)) => conn.run(UNDO).await?,
        Err(error) => return Err(error),
    }
    conn.run(RELEASE).await
}

/// Why the database does not take rows.
enum Refusal {
    /// As it says.
    Now(sqlx::Error),
    /// It would say so at the end of the transaction.
    Later(Written),
}

impl Refusal {
    /// Whether another row has a value of it under a unique key.
    fn is_unique_violation(&self) -> bool {
        let Self::Now(error) = self else { return false };
        let error = error.as_database_error();
        error.is_some_and(|error| error.is_unique_violation())
    }

    /// Whether the database may take a row once others are written: it has the value of another one under a unique key, or
    /// refers to another one.
    fn depends_on_others(&self) -> bool {
        match self {
            Self::Now(error) => error.as_database_error().is_some_and(|error| {
                error.is_unique_violation() || error.is_foreign_key_violation()
            }),
            Self::Later(_) => true,
        }
    }
}

/// Writes rows in a savepoint. Returns the refusal if the database does not take one of them, and then none is written.
async fn attempt(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    plans: &[&RowPlan<'_>],
    finish: i64,
) -> Result<Result<Vec<Written>, Refusal>, TxError> {
    conn.run(SAVEPOINT).await?;
    let done = match upsert(conn, job, plans, finish).await {
        Ok(outcomes) => match job.refused_later(conn).await? {
            None => Ok(outcomes),
            Some(refused) => Err(Refusal::Later(refused)),
        },
        Err(TxError::Data(error)) => Err(Refusal::Now(error)),
        Err(error) => return Err(error),
    };
    if done.is_err() {
        conn.run(UNDO).await?;
    }
    conn.run(RELEASE).await?;
    Ok(done)
}

/// A row that was new may have been inserted by others since it was asked for: that is no fault of the row.
async fn refuse_race(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    plan: &RowPlan<'_>,
) -> Result<(), TxError> {
    if plan.stored.is_some() {
        return Ok(());
    }
    let none = WantedColumns::none();
    let found = stored::read(conn, &job.target, &[&plan.row.id], true, &none).await?;
    match found.is_empty() {
        true => Ok(()),
        false => Err(TxError::conflict()),
    }
}

async fn upsert(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    plans: &[&RowPlan<'_>],
    finish: i64,
) -> Result<Vec<Written>, TxError> {
    match conn.kind() {
        #[cfg(feature = "postgres")]
        DatabaseKind::Postgres => self::postgres::upsert(conn, job, plans, finish).await,
        #[cfg(any(feature = "sqlite", feature = "mysql"))]
        _ => self::values::upsert(conn, job, plans, finish).await,
    }
}

/// Inserts rows that should not exist; returns whether none did.
pub(crate) async fn insert(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    plans: &[&RowPlan<'_>],
    finish: i64,
) -> Result<bool, TxError> {
    let inserted: Result<u64, TxError> = match conn.kind() {
        #[cfg(feature = "postgres")]
        DatabaseKind::Postgres => self::postgres::insert(conn, job, plans, finish).await,
        #[cfg(any(feature = "sqlite", feature = "mysql"))]
        _ => self::values::insert(conn, job, plans, finish).await,
    };
    Ok(inserted? == plans.len() as u64)
}
