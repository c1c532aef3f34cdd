//! Writes rows to PostgreSQL.

use std::collections::HashMap;

use sqlx::SqlSafeStr;

use crate::cell::CellType;
use crate::store::batch::Job;
use crate::store::connection::{Bind, Conn, Taken};
use crate::store::upsert::{NewRow, Wrote, synced_at};

/// One array for each column, and the database says what it did with each row.
pub(in crate::store) async fn upsert(
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
