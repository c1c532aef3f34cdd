//! Writes rows to PostgreSQL.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::copy::copy;
use crate::cell::CellType;
use crate::store::batch::Job;
use crate::store::db::bind::Bind;
use crate::store::db::connection::{Conn, Link, within};
use crate::store::db::retry::TxError;
use crate::store::upsert::{NewRow, Wrote, synced_at};

/// One array for each column, and the database says what it did with each row.
pub(in crate::store) async fn upsert(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    rows: &[NewRow<'_>],
    finish: i64,
) -> Result<Vec<Wrote>, TxError> {
    let target = &job.target;
    let mut binds = arrays(job, rows, finish);
    if target.guarded() {
        binds.push(Bind::integer(job.span.start));
    }
    let sql = AssertSqlSafe(target.statements.upsert.head.clone()).into_sql_str();
    let answer = conn.rows::<(String, bool)>(sql, &binds).await?;
    let inserted: HashMap<String, bool> = answer.into_iter().collect();
    Ok(rows
        .iter()
        .map(|row| match inserted.get(row.id) {
            Some(true) => Wrote::Inserted,
            Some(false) => Wrote::Updated,
            None => Wrote::Passed,
        })
        .collect())
}

/// Inserts rows that should not exist; answers how many did not.
pub(in crate::store) async fn insert(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    rows: &[NewRow<'_>],
    finish: i64,
) -> Result<u64, TxError> {
    if let (true, Link::Postgres(link)) = (job.copies, &mut conn.link) {
        let limit = conn.settings.statement_timeout;
        return within(limit, copy(link, job, rows, finish)).await;
    }
    let sql = AssertSqlSafe(job.target.statements.insert.head.clone()).into_sql_str();
    conn.execute(sql, &arrays(job, rows, finish)).await
}

/// One array for each column, the new token, and the time of the write.
fn arrays<'r>(job: &Job<'_>, rows: &'r [NewRow<'_>], finish: i64) -> Vec<Bind<'r>> {
    let model = job.target.model;
    let columns = model.written().enumerate().map(|(position, column)| {
        let cells = rows.iter().map(|row| &row.cells[position]).collect();
        Bind::Column(column.cell.unwrap_or(CellType::Text), cells)
    });
    let mut binds: Vec<Bind<'_>> = columns.collect();
    if job.target.guarded() {
        binds.push(Bind::Integers(rows.iter().map(|row| row.hash).collect()));
        binds.push(Bind::integer(finish));
    }
    binds.extend(synced_at(job));
    binds
}
