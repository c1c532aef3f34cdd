//! Rows as multi-row `VALUES`, for databases without arrays.

use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::batch::Job;
use super::db::bind::Bind;
use super::db::connection::Conn;
use super::db::retry::TxError;
use super::db::statement::{self, Pieces};
use super::time;
use super::upsert::{NewRow, Wrote, synced_at};
use crate::cell::CellType;
use crate::model::Role;

/// What was done with a row that nobody else can have touched since it was asked for.
pub(super) fn as_asked(row: &NewRow<'_>) -> Wrote {
    if row.exists {
        Wrote::Updated
    } else {
        Wrote::Inserted
    }
}

/// Rows as multi-row `VALUES`.
pub(super) struct Values<'j> {
    job: &'j Job<'j>,
    finish: i64,
    synced_at: Option<Bind<'static>>,
    /// Bound after the rows.
    pub(super) tail: Option<Bind<'static>>,
    max_binds: usize,
}

/// Inserts rows that should not exist; answers how many did not. On MySQL one that exists is an error.
pub(super) async fn insert(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    rows: &[NewRow<'_>],
    finish: i64,
    max_binds: usize,
) -> Result<u64, TxError> {
    let all: Vec<&NewRow<'_>> = rows.iter().collect();
    let insert = job.target.statements.insert.pieces();
    Values::new(job, finish, max_binds)
        .execute(conn, insert, &all)
        .await
}

impl<'j> Values<'j> {
    pub(super) fn new(job: &'j Job<'j>, finish: i64, max_binds: usize) -> Self {
        Self {
            job,
            finish,
            synced_at: synced_at(job),
            tail: None,
            max_binds,
        }
    }

    /// Runs a statement with every row, in few different lengths; answers how many rows it touched.
    pub(super) async fn execute(
        &self,
        conn: &mut Conn<'_>,
        pieces: Pieces<'_>,
        rows: &[&NewRow<'_>],
    ) -> Result<u64, TxError> {
        let mut touched = 0;
        let width = self.job.target.model.columns().len() + 3;
        let mut rest = rows;
        for length in statement::lengths(rows.len(), width, self.max_binds) {
            let (now, later) = rest.split_at(length);
            rest = later;
            let mut binds = Vec::with_capacity(length * width + 1);
            for row in now {
                binds.extend(self.cells(**row, |_| true));
                self.bookkeeping(**row, &mut binds);
            }
            binds.extend(self.tail.clone());
            let sql = AssertSqlSafe(pieces.assemble(length)).into_sql_str();
            touched += conn.execute(sql, &binds).await?;
        }
        Ok(touched)
    }

    /// The binds of an UPDATE of one row.
    #[cfg(feature = "mysql")]
    pub(super) fn update<'r>(&'r self, row: NewRow<'r>) -> Vec<Bind<'r>> {
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
        binds.extend(self.synced_at.clone());
    }
}
