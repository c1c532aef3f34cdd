//! Writes rows that differ from what the table holds.

use std::collections::HashMap;

use chrono::Utc;
use sqlx::SqlSafeStr;

use super::batch::Job;
use super::connection::{Bind, Conn, Taken};
use super::fault::{Fault, Meaning, meaning};
use super::{DatabaseKind, blame, stored, time};
use crate::cell::{Cell, CellType};
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
) -> Result<Vec<Wrote>, Fault> {
    if !careful {
        return Ok(write(conn, job, rows, finish).await?);
    }
    let mut wrote = vec![Wrote::Passed; rows.len()];
    let mut ranges = vec![0..rows.len()];
    while let Some(range) = ranges.pop() {
        conn.run(SAVEPOINT).await?;
        match write(conn, job, &rows[range.clone()], finish).await {
            Ok(outcomes) => {
                conn.run(RELEASE).await?;
                wrote.splice(range, outcomes);
            }
            Err(error) if meaning(&error) == Meaning::Data => {
                conn.run(UNDO).await?;
                conn.run(RELEASE).await?;
                if range.len() == 1 {
                    let row = rows[range.start];
                    refuse_race(conn, job, row).await?;
                    let (column, reason) =
                        blame::of(conn, &job.target, Some(row.cells), &error).await?;
                    wrote[range.start] = Wrote::Refused { column, reason };
                } else {
                    let middle = range.start + range.len() / 2;
                    ranges.push(middle..range.end);
                    ranges.push(range.start..middle);
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(wrote)
}

/// A row that was new may have been inserted by others since it was asked for: that is no fault of the row.
async fn refuse_race(conn: &mut Conn<'_>, job: &Job<'_>, row: NewRow<'_>) -> Result<(), Fault> {
    if row.exists {
        return Ok(());
    }
    let found = stored::ask(conn, &job.target, &[row.id], true).await?;
    if found.is_empty() {
        Ok(())
    } else {
        Err(Fault::raced())
    }
}

async fn write(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    rows: &[NewRow<'_>],
    finish: i64,
) -> Result<Vec<Wrote>, sqlx::Error> {
    match conn.kind() {
        #[cfg(feature = "sqlite")]
        DatabaseKind::Sqlite => sqlite(conn, job, rows, finish).await,
        #[cfg(feature = "postgres")]
        DatabaseKind::Postgres => postgres(conn, job, rows, finish).await,
        #[cfg(feature = "mysql")]
        DatabaseKind::MySql => mysql(conn, job, rows, finish).await,
    }
}

/// The bind of the column with the time of the write, if there is one.
fn synced_at(job: &Job<'_>) -> Option<Bind<'static>> {
    let column = job.target.model.role(Role::SyncedAt)?;
    Some(time::bind(job.target.kind, Some(column), Utc::now()))
}

/// One array for each column, and the database says what it did with each row.
#[cfg(feature = "postgres")]
async fn postgres(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    rows: &[NewRow<'_>],
    finish: i64,
) -> Result<Vec<Wrote>, sqlx::Error> {
    let target = &job.target;
    let mut binds: Vec<Bind<'_>> = target
        .model
        .written()
        .enumerate()
        .map(|(position, column)| {
            let cells = rows.iter().map(|row| &row.cells[position]).collect();
            Bind::Column(column.cell.unwrap_or(CellType::Text), cells)
        })
        .collect();
    if target.guarded() {
        binds.push(Bind::Integers(rows.iter().map(|row| row.hash).collect()));
        binds.extend([Bind::integer(finish), Bind::integer(job.span.start)]);
    }
    binds.extend(synced_at(job));
    let sql = target.statements.upsert.head.into_sql_str();
    let answer = conn
        .fetch(sql, &binds, &[CellType::Text, CellType::Boolean])
        .await?;
    let inserted: HashMap<String, bool> = answer
        .into_iter()
        .map(|row| {
            let mut row = Taken::new(row);
            (row.text(), row.boolean())
        })
        .collect();
    Ok(rows
        .iter()
        .map(|row| match inserted.get(row.id) {
            Some(true) => Wrote::Inserted,
            Some(false) => Wrote::Updated,
            None => Wrote::Passed,
        })
        .collect())
}

/// Nobody else writes, so what was asked is still so.
#[cfg(feature = "sqlite")]
async fn sqlite(
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
        max_binds: super::sqlite::MAX_BINDS,
    };
    values
        .execute(conn, job.target.statements.upsert.into(), &all)
        .await?;
    Ok(rows.iter().map(as_asked).collect())
}

/// Rows that exist are locked. Those that do not are inserted without ON DUPLICATE KEY, which fires on any unique key
/// and would overwrite another object's row.
#[cfg(feature = "mysql")]
async fn mysql(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    rows: &[NewRow<'_>],
    finish: i64,
) -> Result<Vec<Wrote>, sqlx::Error> {
    let statements = job.target.statements;
    let values = Values {
        job,
        finish,
        synced_at: synced_at(job),
        tail: None,
        max_binds: super::mysql::MAX_BINDS,
    };
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

#[cfg(any(feature = "sqlite", feature = "mysql"))]
fn as_asked(row: &NewRow<'_>) -> Wrote {
    if row.exists {
        Wrote::Updated
    } else {
        Wrote::Inserted
    }
}

/// Rows as multi-row `VALUES`.
#[cfg(any(feature = "sqlite", feature = "mysql"))]
struct Values<'j> {
    job: &'j Job<'j>,
    finish: i64,
    synced_at: Option<Bind<'static>>,
    /// Bound after the rows.
    tail: Option<Bind<'static>>,
    max_binds: usize,
}

#[cfg(any(feature = "sqlite", feature = "mysql"))]
impl Values<'_> {
    async fn execute(
        &self,
        conn: &mut Conn<'_>,
        pieces: super::pieces::Pieces<'static>,
        rows: &[&NewRow<'_>],
    ) -> Result<(), sqlx::Error> {
        let width = self.job.target.model.columns().len() + 3;
        let mut rest = rows;
        for length in super::pieces::lengths(rows.len(), width, self.max_binds) {
            let (now, later) = rest.split_at(length);
            rest = later;
            let mut binds = Vec::with_capacity(length * width + 1);
            for row in now {
                binds.extend(self.cells(**row, |_| true));
                self.bookkeeping(**row, &mut binds);
            }
            binds.extend(self.tail.clone());
            let sql = sqlx::AssertSqlSafe(pieces.assemble(length)).into_sql_str();
            conn.execute(sql, &binds).await?;
        }
        Ok(())
    }

    /// The binds of an UPDATE of one row.
    #[cfg(feature = "mysql")]
    fn update<'r>(&'r self, row: NewRow<'r>) -> Vec<Bind<'r>> {
        let set = |role| !matches!(role, Role::Id | Role::Account | Role::Livemode);
        let mut binds: Vec<Bind<'_>> = self.cells(row, set).collect();
        self.bookkeeping(row, &mut binds);
        if binds.is_empty() {
            // A table of nothing but its key sets the id to itself.
            binds.push(Bind::text(row.id));
        }
        binds.extend(self.job.target.scope_binds());
        binds.push(Bind::text(row.id));
        binds
    }

    fn cells<'r>(
        &'r self,
        row: NewRow<'r>,
        wanted: fn(Role) -> bool,
    ) -> impl Iterator<Item = Bind<'r>> {
        let kind = self.job.target.kind;
        self.job
            .target
            .model
            .written()
            .zip(row.cells)
            .filter(move |(column, _)| wanted(column.role))
            .map(move |(column, cell)| {
                let cell = time::stored_form(kind, column.sql_type, cell.borrowed());
                Bind::Value(column.cell.unwrap_or(CellType::Text), cell)
            })
    }

    fn bookkeeping<'b>(&self, row: NewRow<'_>, binds: &mut Vec<Bind<'b>>) {
        if self.job.target.guarded() {
            binds.extend([Bind::integer(row.hash), Bind::integer(self.finish)]);
        }
        binds.extend(
            self.synced_at
                .iter()
                .cloned()
                .map(|bind| -> Bind<'b> { bind }),
        );
    }
}
