//! Rows as multi-row `VALUES`, for databases without arrays.

use chrono::Utc;
use sqlx::{AssertSqlSafe, SqlSafeStr};
use stripe_sync_schema::sql::Database;

use crate::cell::Cell;
use crate::model::Role;
use crate::model::hooks::Outcome;
use crate::store::db::column::cell_type;
use crate::store::db::{Bind, Conn, StatementTemplate, TxError, statement};
use crate::store::rows::{Job, RowPlan, Written, time};

/// Values that one statement may bind: MySQL sends the count in 16 bits.
const MYSQL_BINDS: usize = 65_535;
/// The bytes of the largest statement of several rows, where the server takes more: the protocol cuts larger ones in pieces
/// of 16 MiB.
const LARGEST_STATEMENT: usize = 16 << 20;
/// SQLite's `SQLITE_MAX_VARIABLE_NUMBER`.
const SQLITE_BINDS: usize = 32_766;

/// Writes rows that nobody else can have touched since they were asked for: on SQLite nobody else writes, on MySQL
/// those that exist are locked. There, those that do not are inserted without ON DUPLICATE KEY, which fires on any
/// unique key and would overwrite another object's row.
pub(crate) async fn upsert(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    plans: &[&RowPlan<'_>],
    finish: i64,
) -> Result<Vec<Written>, TxError> {
    let target = &job.target;
    let statements = &target.statements;
    let values = Values::new(job, finish);
    if target.kind.sql() == Database::MySql {
        let (old, new): (Vec<&RowPlan<'_>>, Vec<&RowPlan<'_>>) =
            plans.iter().partition(|plan| plan.stored.is_some());
        if job.facts.quick {
            let upsert = &statements.upsert;
            values.execute(conn, upsert, &old, None).await?;
        } else {
            for plan in old {
                let sql = AssertSqlSafe(statements.update.head.clone()).into_sql_str();
                conn.execute(sql, &values.update(plan)).await?;
            }
        }
        let insert = &statements.insert;
        values.execute(conn, insert, &new, None).await?;
    } else {
        let start = target.versioned().then(|| Bind::integer(job.batch.start));
        let upsert = &statements.upsert;
        values.execute(conn, upsert, plans, start).await?;
    }
    let outcome = |plan: &&RowPlan<'_>| match plan.stored {
        Some(_) => Written::Done(Outcome::Updated),
        None => Written::Done(Outcome::Inserted),
    };
    Ok(plans.iter().map(outcome).collect())
}

/// Inserts rows that should not exist; returns how many did not. On MySQL one that exists is an error.
pub(crate) async fn insert(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    plans: &[&RowPlan<'_>],
    finish: i64,
) -> Result<u64, TxError> {
    let insert = &job.target.statements.insert;
    let values = Values::new(job, finish);
    values.execute(conn, insert, plans, None).await
}

struct Values<'j> {
    job: &'j Job<'j>,
    finish: i64,
    synced_at: Option<Bind<'static>>,
}

impl<'j> Values<'j> {
    fn new(job: &'j Job<'j>, finish: i64) -> Self {
        Self {
            job,
            finish,
            synced_at: time::synced_at(&job.target, Utc::now()),
        }
    }

    /// Runs a statement with every row, in few different lengths, and `last` bound after them; returns how many rows it
    /// touched.
    async fn execute(
        &self,
        conn: &mut Conn<'_>,
        pieces: &StatementTemplate,
        plans: &[&RowPlan<'_>],
        last: Option<Bind<'static>>,
    ) -> Result<u64, TxError> {
        let mut touched = 0;
        let width = self.job.target.model.columns().len() + 3;
        let most = match self.job.target.kind.sql() {
            Database::MySql => MYSQL_BINDS,
            _ => SQLITE_BINDS,
        };
        let mut rest = plans;
        for length in self.lengths(plans, width, most) {
            let (now, later) = rest.split_at(length);
            rest = later;
            let mut binds = Vec::with_capacity(length * width + 1);
            for plan in now {
                self.bind(plan, |_| true, &mut binds);
            }
            binds.extend(last.clone());
            let sql = AssertSqlSafe(pieces.assemble(length));
            touched += conn.execute(sql, &binds).await?;
        }
        Ok(touched)
    }

    /// How many rows each statement has: few different numbers, and not more bytes than the server takes.
    fn lengths(&self, plans: &[&RowPlan<'_>], width: usize, most: usize) -> Vec<usize> {
        let Some(packet) = self.job.facts.packet else {
            return statement::lengths(plans.len(), width, most);
        };
        let limit = packet.min(LARGEST_STATEMENT) / 2;
        let mut lengths = Vec::new();
        let (mut rows, mut bytes) = (0, 0);
        for plan in plans {
            let row: usize = plan.cells.iter().map(Cell::bytes).sum();
            if rows > 0 && bytes + row > limit {
                lengths.extend(statement::lengths(rows, width, most));
                (rows, bytes) = (0, 0);
            }
            rows += 1;
            bytes += row;
        }
        lengths.extend(statement::lengths(rows, width, most));
        lengths
    }

    /// The binds of an UPDATE of one row.
    fn update<'r>(&'r self, plan: &'r RowPlan<'_>) -> Vec<Bind<'r>> {
        let set = |role| !matches!(role, Role::Id | Role::Account | Role::Livemode);
        let mut binds = Vec::new();
        self.bind(plan, set, &mut binds);
        if binds.is_empty() {
            // A table of nothing but its key sets the id to itself.
            binds.push(Bind::text(&plan.row.id));
        }
        binds.extend(self.job.target.scope_binds());
        binds.push(Bind::text(&plan.row.id));
        binds
    }

    /// Binds the cells of a row that are wanted, and its bookkeeping.
    fn bind<'r>(
        &'r self,
        plan: &'r RowPlan<'_>,
        wanted: fn(Role) -> bool,
        binds: &mut Vec<Bind<'r>>,
    ) {
        let target = &self.job.target;
        // Pushed, not extended by: whoever calls made room for all.
        for (column, cell) in target.model.written().zip(plan.cells.iter()) {
            if wanted(column.role) {
                let cell = time::stored_form(target.kind, Some(column), cell.borrowed());
                binds.push(Bind::Value(cell_type(column), cell));
            }
        }
        if target.versioned() {
            binds.extend([Bind::integer(plan.hash), Bind::integer(self.finish)]);
        }
        binds.extend(self.synced_at.clone());
    }
}
