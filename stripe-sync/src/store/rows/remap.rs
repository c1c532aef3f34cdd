//! Rows that are made again of the objects that they hold. Their content is as old as it was, so their tokens stay, and so
//! do the marks of deleted ones.

use std::collections::{BTreeMap, HashMap};

use chrono::Utc;
use sqlx::AssertSqlSafe;
use stripe_sync_schema::sql::Database;
use stripe_sync_schema::table::DELETED_AT;

use crate::cell::CellType;
use crate::freshness::ReadBy;
use crate::model::context::Context;
use crate::model::hooks::Outcome;
use crate::model::{Model, Role};
use crate::store::db::column::cell_type;
use crate::store::db::{
    Bind, Conn, Scope, Store, StoreError, TableContext, TxError, query, transaction,
};
use crate::store::rows::rider::notify;
use crate::store::rows::stored::Stored;
use crate::store::rows::write::WriteBatch;
use crate::store::rows::{
    Job, KeyedRow, RowPlan, WantedColumns, Written, refusal, stored, time, upsert,
};
use crate::store::tables::Hold;
use crate::store::tables::lock::hold_to_write;

/// A row that was made again, and the row as it was when its object was taken from it.
#[derive(Debug)]
pub(crate) struct Remapped {
    pub(crate) row: KeyedRow,
    pub(crate) before: Stored,
}

impl Store {
    /// Returns the first ids of an account and mode behind an id, in order; those of rows that are marked as deleted, too.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn ids_after(
        &self,
        model: &'static Model,
        scope: &Scope,
        id: &str,
        most: usize,
    ) -> Result<Vec<String>, StoreError> {
        let target = self.target(model, scope)?;
        let (rows, column) = (rows_and(&target), id_column(&target));
        let cast = match target.kind.sql() {
            Database::Postgres => "::text",
            _ => "",
        };
        let mut binds = target.scope_binds();
        let place = target.kind.placeholder(binds.len() + 1);
        binds.push(Bind::text(id));
        let sql = format!(
            "SELECT {column}{cast} {rows} {column} > {place} ORDER BY {column} LIMIT {most}"
        );
        query!(self, target.table(), async |conn| {
            conn.rows(AssertSqlSafe(sql.clone()), &binds).await
        })
    }

    /// Returns the rows with these ids, with the whole object of each.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn with_objects(
        &self,
        model: &'static Model,
        scope: &Scope,
        ids: &[String],
    ) -> Result<HashMap<String, Stored>, StoreError> {
        let target = self.target(model, scope)?;
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let raw: Vec<_> = model.role(Role::Raw).into_iter().collect();
        let wanted = WantedColumns::only(model, &raw);
        query!(self, target.table(), async |conn| {
            stored::read(conn, &target, &ids, false, &wanted).await
        })
    }

    /// Writes rows that are still as they were. Of the others, those that are there are to be looked at again, and those that
    /// are not are [`Outside`](Written::Outside).
    ///
    /// # Errors
    /// When the database fails. A row that it refuses is not an error.
    pub(crate) async fn remap(
        &self,
        model: &'static Model,
        scope: &Scope,
        context: &Context,
        rows: Vec<Remapped>,
    ) -> Result<Vec<(String, Written)>, StoreError> {
        let target = self.target(model, scope)?;
        let mut facts = self.facts(&target).await?;
        let mut before = HashMap::with_capacity(rows.len());
        let mut made = Vec::with_capacity(rows.len());
        for remapped in rows {
            before.insert(remapped.row.id.clone(), remapped.before);
            made.push(remapped.row.without_elements(model));
        }
        let mut written = refusal::refuse(&target, &mut made);
        if made
            .iter()
            .any(|row| facts.refusal(&row.row.cells).is_some())
        {
            // The column may have been changed since it was looked at.
            facts = self.look(&target).await?;
            written.extend(refusal::refuse_misfits(&facts, &mut made));
        }
        if made.is_empty() {
            return Ok(written);
        }
        let mut job = Job {
            store: self,
            facts,
            target,
            batch: WriteBatch {
                model,
                scope,
                rows: made,
                // The rows are locked, and were found as they were.
                start: i64::MAX,
                by: ReadBy::Id,
                rewrite_unchanged: false,
                existing_only: true,
                expect_all_new: false,
                lease: None,
                riders: &[],
                context,
            },
            tables: &[],
            pages_run: None,
            bisecting: false,
            broken_keys: None,
        };
        let table = job.target.place.name.clone();
        let (mut bisecting, mut looks_at_keys) = (false, false);
        let outcomes = transaction!(
            self,
            &table,
            begin = self.kind().dialect().begin,
            again = |error: &TxError| match error {
                TxError::Data(error) if !bisecting => {
                    bisecting = true;
                    looks_at_keys = refusal::is_foreign_key(error);
                    true
                }
                _ => false,
            },
            async |conn| {
                if looks_at_keys {
                    job.broken_keys = refusal::broken_keys(conn).await?;
                }
                write(conn, &job, &before, bisecting).await
            }
        )?;
        let ids = job.batch.rows.into_iter().map(|row| row.id);
        written.extend(ids.zip(outcomes));
        Ok(written)
    }
}

async fn write(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    before: &HashMap<String, Stored>,
    bisecting: bool,
) -> Result<Vec<Written>, TxError> {
    let target = &job.target;
    let held = hold_to_write(conn, target, Hold::Shared, None).await?;
    if let (true, Some(statement)) = (bisecting, conn.kind().dialect().constraints_now) {
        conn.run(statement).await?;
    }
    if job.facts.zoned {
        conn.utc().await?;
    }
    let rows = &job.batch.rows;
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let absent = WantedColumns::absent(target.model, rows);
    let mut found = stored::read(conn, target, &ids, true, &absent).await?;
    let mut written = vec![Written::Outside; rows.len()];
    // The rows of one page of a list have one token.
    let mut by_token = BTreeMap::<i64, Vec<(usize, RowPlan<'_>)>>::new();
    for (place, row) in rows.iter().enumerate() {
        let Some(now) = found.remove(&row.id) else {
            continue;
        };
        let is_same = |was: &Stored| {
            (was.hash, was.observed_at, was.deleted) == (now.hash, now.observed_at, now.deleted)
        };
        if !before.get(&row.id).is_some_and(is_same) {
            written[place] = Written::ReadAgain;
            continue;
        }
        let (hash, token) = (now.hash, now.observed_at);
        let plan = RowPlan::new(job, &held, row, Some(now));
        match hash == Some(plan.hash) {
            true => written[place] = Written::Done(Outcome::Unchanged),
            false => by_token.entry(token).or_default().push((place, plan)),
        }
    }
    for (token, plans) in by_token {
        let mut marks = Vec::new();
        for (place, plan) in &plans {
            if plan.stored.as_ref().is_some_and(|stored| stored.deleted) {
                let mark = mark_of(conn, target, &plan.row.id).await?;
                marks.push((*place, &plan.row.id, mark));
            }
        }
        let all: Vec<&RowPlan<'_>> = plans.iter().map(|(_, plan)| plan).collect();
        let outcomes = upsert::write_isolating(conn, job, &all, token, bisecting).await?;
        for ((place, _), outcome) in plans.iter().zip(outcomes) {
            written[*place] = outcome;
        }
        for (place, id, mark) in marks {
            // A write takes the mark away.
            if written[place].is_done() {
                let mut values = vec![mark, Bind::integer(token)];
                values.extend(time::synced_at(target, Utc::now()));
                let statement = &target.statements.mark;
                target.execute(conn, statement, &values, &[id], &[]).await?;
            }
        }
    }
    let changed = notify::changed(ids.into_iter().zip(&written));
    notify::tell(conn, target, changed, &[]).await?;
    Ok(written)
}

/// The deletion time of a row, as a parameter.
async fn mark_of(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    id: &str,
) -> Result<Bind<'static>, TxError> {
    let (model, driver) = (target.model, target.kind.driver());
    let column = model.role(Role::DeletedAt);
    let kind = column.map_or(CellType::Instant, cell_type);
    let quoted = target.quote(column.map_or(DELETED_AT, |column| column.name));
    let read = column.map_or(quoted.clone(), |column| driver.read_as(column, quoted));
    let mut binds = target.scope_binds();
    let place = target.kind.placeholder(binds.len() + 1);
    binds.push(Bind::text(id));
    let sql = format!(
        "SELECT {read} {} {} = {place}",
        rows_and(target),
        id_column(target)
    );
    let rows = conn.cells(AssertSqlSafe(sql), &binds, &[kind]).await?;
    let cell = rows.into_iter().flatten().next();
    let cell = cell.ok_or_else(TxError::conflict)?;
    Ok(Bind::Value(
        driver.sent_as(column, kind),
        time::stored_form(target.kind, column, cell),
    ))
}

/// The rows of the account and mode, up to where a condition follows.
fn rows_and(target: &TableContext<'_>) -> String {
    let and = match target.scope_binds().is_empty() {
        true => "WHERE",
        false => "AND",
    };
    format!("{} {and}", target.rows_of_scope())
}

fn id_column(target: &TableContext<'_>) -> String {
    target.quote(
        target
            .model
            .role(Role::Id)
            .map_or("id", |column| column.name),
    )
}
