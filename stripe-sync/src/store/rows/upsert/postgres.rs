//! Writes rows to PostgreSQL.

use std::collections::{HashMap, HashSet};

use chrono::Utc;
use sqlx::{AssertSqlSafe, SqlSafeStr};
use stripe_sync_schema::sql::postgres::INSERTED;

use crate::cell::{Cell, CellType};
use crate::model::hooks::Outcome;
use crate::store::db::column::cell_type;
use crate::store::db::connection::within;
use crate::store::db::driver::postgres::codec::array_literal;
use crate::store::db::{Bind, Conn, Link, TxError};
use crate::store::rows::upsert::copy::copy;
use crate::store::rows::{Job, RowPlan, Written, time};

/// One array for each column, and the database says what it did with each row.
pub(crate) async fn upsert(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    plans: &[&RowPlan<'_>],
    finish: i64,
) -> Result<Vec<Written>, TxError> {
    if job.facts.partitioned {
        return upsert_parted(conn, job, plans, finish).await;
    }
    let target = &job.target;
    let sql = AssertSqlSafe(target.statements.upsert.head.clone()).into_sql_str();
    let binds = upsert_arrays(job, plans, finish);
    let answer = conn.rows::<(String, bool)>(sql, &binds).await?;
    let inserted: HashMap<String, bool> = answer.into_iter().collect();
    let outcome = |plan: &&RowPlan<'_>| match inserted.get(&plan.row.id) {
        Some(true) => Written::Done(Outcome::Inserted),
        Some(false) => Written::Done(Outcome::Updated),
        // The stored row had become newer.
        None => Written::ReadAgain,
    };
    Ok(plans.iter().map(outcome).collect())
}

/// Writes to a partitioned table, which cannot say what an upsert did with a row: those that were there are upserted, the
/// others inserted.
async fn upsert_parted(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    plans: &[&RowPlan<'_>],
    finish: i64,
) -> Result<Vec<Written>, TxError> {
    let statements = &job.target.statements;
    let (old, new): (Vec<&RowPlan<'_>>, Vec<&RowPlan<'_>>) =
        plans.iter().partition(|plan| plan.stored.is_some());
    if !new.is_empty() {
        let sql = AssertSqlSafe(statements.insert.head.clone()).into_sql_str();
        let inserted = conn.execute(sql, &arrays(job, &new, finish)).await?;
        if inserted < new.len() as u64 {
            return Err(TxError::conflict());
        }
    }
    let mut updated = HashSet::new();
    if !old.is_empty() {
        let binds = upsert_arrays(job, &old, finish);
        let upsert = &statements.upsert.head;
        let upsert = upsert.strip_suffix(INSERTED).unwrap_or(upsert).to_owned();
        let sql = AssertSqlSafe(upsert).into_sql_str();
        updated.extend(conn.rows::<String>(sql, &binds).await?);
    }
    let outcome = |plan: &&RowPlan<'_>| match (&plan.stored, updated.contains(&plan.row.id)) {
        (None, _) => Written::Done(Outcome::Inserted),
        (Some(_), true) => Written::Done(Outcome::Updated),
        // The stored row had become newer.
        (Some(_), false) => Written::ReadAgain,
    };
    Ok(plans.iter().map(outcome).collect())
}

/// Inserts rows that should not exist; returns how many did not.
pub(crate) async fn insert(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    plans: &[&RowPlan<'_>],
    finish: i64,
) -> Result<u64, TxError> {
    if let (true, Link::Postgres(link)) =
        (job.facts.quick && job.batch.expect_all_new, &mut conn.link)
    {
        let limit = conn.settings.statement_timeout;
        return within(limit, copy(link, job, plans, finish)).await;
    }
    let sql = AssertSqlSafe(job.target.statements.insert.head.clone()).into_sql_str();
    conn.execute(sql, &arrays(job, plans, finish)).await
}

/// The same, and the token that a stored row must not be newer than.
fn upsert_arrays<'p>(job: &Job<'_>, plans: &'p [&RowPlan<'_>], finish: i64) -> Vec<Bind<'p>> {
    let mut binds = arrays(job, plans, finish);
    let start = job.target.versioned().then_some(job.batch.start);
    binds.extend(start.map(Bind::integer));
    binds
}

/// One array for each column, the new token, and the time of the write.
fn arrays<'p>(job: &Job<'_>, plans: &'p [&RowPlan<'_>], finish: i64) -> Vec<Bind<'p>> {
    let target = &job.target;
    let driver = target.kind.driver();
    let columns = target.model.written().enumerate();
    let columns = columns.map(|(position, column)| {
        let cells = plans.iter().map(|plan| &plan.cells[position]);
        let sent_as = driver.sent_as(Some(column), cell_type(column));
        if column.cell == Some(CellType::Instant) && sent_as == CellType::Text {
            let moment = |cell: &Cell<'_>| {
                let sent = time::stored_form(target.kind, Some(column), cell.borrowed());
                sent.into_text()
            };
            return Bind::Literals(cells.map(moment).collect());
        }
        if let Some(CellType::Array(element)) = column.cell {
            let literal = |cell: &Cell<'_>| match cell {
                Cell::Json(json) => Some(array_literal(element, json)),
                _ => None,
            };
            return Bind::Literals(cells.map(literal).collect());
        }
        Bind::Column(sent_as, cells.collect())
    });
    let mut binds: Vec<Bind<'_>> = columns.collect();
    if target.versioned() {
        binds.push(Bind::Integers(plans.iter().map(|plan| plan.hash).collect()));
        binds.push(Bind::integer(finish));
    }
    binds.extend(time::synced_at(target, Utc::now()));
    binds
}
