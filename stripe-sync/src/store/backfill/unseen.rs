//! Rows that a run may not have seen, and rows of a parent.

use std::collections::HashSet;

use sqlx::AssertSqlSafe;
use stripe_sync_schema::sql::Database;
use stripe_sync_schema::table::{DELETED_AT, OBSERVED_AT};

use crate::model::{Column, Model, Role};
use crate::store::db::row::Row;
use crate::store::db::statement::LONG;
use crate::store::db::store::SCAN_TIMEOUT;
use crate::store::db::{Bind, DatabaseKind, OF_KEY, Scope, Store, StoreError, TableContext, query};
use crate::store::tables::RunLease;

/// Ids that are read at once.
const IDS: i64 = 10_000;

/// Which rows of an account and mode are counted. All is a question to the key's index, the others to every row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    All,
    /// Those that are not marked as deleted.
    Alive,
    /// Those that are not, or that were marked since the run began.
    SinceRun,
}

/// Tokens that say nothing of when a row was written since a run began; see [`Store::silent_tokens`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct SilentTokens {
    until: i64,
    given: i64,
}

impl Store {
    /// Returns how many rows there are.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count_rows(
        &self,
        model: &'static Model,
        lease: &RunLease,
        which: Counted,
    ) -> Result<i64, StoreError> {
        let target = self.target(model, &lease.scope)?;
        let names = Names::new(&target);
        let mut values = Vec::new();
        let rows = match which {
            Counted::All => names.rows,
            Counted::Alive => names.alive(""),
            Counted::SinceRun => {
                let began = names.place(0);
                values.push(Bind::integer(lease.run));
                names.alive(&format!(" OR {} > {began}", names.observed_at))
            }
        };
        self.count(&target, &rows, &values).await
    }

    /// Counts rows. The values are bound after the account and mode.
    async fn count(
        &self,
        target: &TableContext<'_>,
        rows: &str,
        values: &[Bind<'_>],
    ) -> Result<i64, StoreError> {
        let sql = format!("SELECT COUNT(*) {rows}");
        let counts: Vec<i64> = self.scan(target, sql, values).await?;
        Ok(counts.into_iter().sum())
    }

    /// Returns how many rows an account and a mode have, and how many of them are not marked as deleted.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count_rows_of(
        &self,
        model: &'static Model,
        scope: &Scope,
    ) -> Result<(i64, i64), StoreError> {
        let target = self.target(model, scope)?;
        let names = Names::new(&target);
        let alive = match target.versioned() {
            true => names.alive(""),
            // It has no column for that.
            false => names.rows.clone(),
        };
        let all = self.count(&target, &names.rows, &[]).await?;
        Ok((all, self.count(&target, &alive, &[]).await?))
    }

    /// Returns the tokens that say nothing of when a row was written since the run began: those up to the first number,
    /// and those above the second, unless the counter has given them by now. Where rows were found that others wrote, all of
    /// them say nothing until a run of the table has ended: this counter may be about to give the same ones again.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn silent_tokens(&self, lease: &RunLease) -> Result<SilentTokens, StoreError> {
        let given = self.next_token().await?;
        let ended = format!("SELECT finished_watermark FROM $tables {OF_KEY}");
        let ended: Option<Option<i64>> = self.row(&lease.table, &ended, &lease.key()).await?;
        let raised = self.raised_until().await?;
        let until = match ended {
            Some(Some(_)) => raised.max(lease.run),
            _ if raised == 0 => lease.run,
            _ => i64::MAX,
        };
        Ok(SilentTokens { until, given })
    }

    /// Returns ids after one, in order, of rows that are not marked as deleted and that nobody is known to have written or
    /// raised since the run began; and the last id that was looked at, `None` after the last row.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn alive_after(
        &self,
        model: &'static Model,
        lease: &RunLease,
        silent: SilentTokens,
        id: &str,
    ) -> Result<(Vec<String>, Option<String>), StoreError> {
        let target = self.target(model, &lease.scope)?;
        let names = Names::new(&target);
        let (id_as_text, token) = (&names.id_as_text, &names.observed_at);
        let sql = format!(
            "SELECT {id_as_text}, {token} {} AND {id} > {} AND ({token} <= {} OR {token} > {}) ORDER BY {id} LIMIT {IDS}",
            names.alive(""),
            names.place(0),
            names.place(1),
            names.place(2),
            id = names.id,
        );
        let [until, given] = [silent.until, silent.given].map(Bind::integer);
        let values = [Bind::text(id), until, given];
        let rows: Vec<(String, i64)> = self.scan(&target, sql, &values).await?;
        let last = rows.last().map(|(id, _)| id.clone());
        // Those above are mostly of writes since the question which tokens were given. The counter may also have been raised
        // since, because of a row of another table: then it has leapt over tokens that it never gave.
        let above = rows.iter().map(|(_, token)| *token).max();
        let SilentTokens { until, given } = match above.filter(|token| *token > silent.given) {
            Some(_) => self.silent_tokens(lease).await?,
            None => silent,
        };
        let silent = |token: i64| token <= until || token > given;
        let rows = rows.into_iter().filter(|(_, token)| silent(*token));
        Ok((rows.map(|(id, _)| id).collect(), last))
    }

    /// Returns ids after one, in order, of rows that are not marked as deleted, whoever wrote them when.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn rows_after(
        &self,
        model: &'static Model,
        lease: &RunLease,
        id: &str,
    ) -> Result<Vec<String>, StoreError> {
        let target = self.target(model, &lease.scope)?;
        let names = Names::new(&target);
        let and = format!(
            "{id} > {} ORDER BY {id} LIMIT {IDS}",
            names.place(0),
            id = names.id,
        );
        self.alive(&target, &names, &and, &[Bind::text(id)]).await
    }

    /// Returns the ids of rows that are not marked as deleted and whose column names a parent.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn rows_of_parent(
        &self,
        model: &'static Model,
        scope: &Scope,
        column: &'static Column,
        parent: &str,
    ) -> Result<Vec<String>, StoreError> {
        let target = self.target(model, scope)?;
        let names = Names::new(&target);
        let and = format!("{} = {}", target.quote(column.name), names.place(0));
        self.alive(&target, &names, &and, &[Bind::text(parent)])
            .await
    }

    /// Returns which of these objects have rows that are not marked as deleted, and are not recorded as being in no list.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn listed_rows(
        &self,
        model: &'static Model,
        lease: &RunLease,
        ids: &[String],
    ) -> Result<HashSet<String>, StoreError> {
        let mut found = HashSet::new();
        // Such a table does not say what is deleted.
        if model.parts.unversioned {
            return Ok(found);
        }
        let target = self.target(model, &lease.scope)?;
        let names = Names::new(&target);
        for ids in ids.chunks(LONG) {
            let places = (0..ids.len()).map(|number| names.place(number));
            let and = format!("{} IN ({})", names.id, Vec::from_iter(places).join(", "));
            let values: Vec<Bind<'_>> = ids.iter().map(|id| Bind::text(id)).collect();
            found.extend(self.alive(&target, &names, &and, &values).await?);
        }
        let mut after = String::new();
        loop {
            let unlisted = self.unlisted_after(lease, &after).await?;
            let Some(last) = unlisted.last() else { break };
            after.clone_from(last);
            for id in &unlisted {
                found.remove(id);
            }
        }
        Ok(found)
    }

    /// Returns ids of rows that are not marked as deleted and fit a condition, whose values are bound after the account and
    /// mode.
    async fn alive(
        &self,
        target: &TableContext<'_>,
        names: &Names,
        and: &str,
        values: &[Bind<'_>],
    ) -> Result<Vec<String>, StoreError> {
        let sql = format!("SELECT {} {} AND {and}", names.id_as_text, names.alive(""));
        self.scan(target, sql, values).await
    }

    /// Runs a statement that may read every row of a table. The values are bound after the account and mode.
    async fn scan<R: Row>(
        &self,
        target: &TableContext<'_>,
        sql: String,
        values: &[Bind<'_>],
    ) -> Result<Vec<R>, StoreError> {
        let binds = [&target.scope_binds(), values].concat();
        query!(self, target.table(), async |conn| {
            conn.limit = SCAN_TIMEOUT;
            conn.rows(AssertSqlSafe(sql.clone()), &binds).await
        })
    }
}

/// The names of a mirrored table, quoted.
struct Names {
    kind: DatabaseKind,
    /// How many parameters the account and mode are.
    bound: usize,
    /// The rows of the account and mode, which are bound first.
    rows: String,
    id: String,
    id_as_text: String,
    observed_at: String,
    deleted_at: String,
}

impl Names {
    fn new(target: &TableContext<'_>) -> Self {
        let column = |role, otherwise| {
            let column = target.model.role(role);
            target.quote(column.map_or(otherwise, |column| column.name))
        };
        let id = column(Role::Id, "id");
        let cast = match target.kind.sql() {
            Database::Postgres => "::text",
            _ => "",
        };
        Self {
            kind: target.kind,
            bound: target.scope_binds().len(),
            rows: target.rows_of_scope(),
            id_as_text: format!("{id}{cast}"),
            id,
            observed_at: target.quote(OBSERVED_AT),
            deleted_at: column(Role::DeletedAt, DELETED_AT),
        }
    }

    /// The parameter with a number, from 0, after the account and mode.
    fn place(&self, number: usize) -> String {
        self.kind.placeholder(self.bound + number + 1)
    }

    /// The rows that are not marked as deleted, or of which `or` holds.
    fn alive(&self, or: &str) -> String {
        let and = if self.bound == 0 { "WHERE" } else { "AND" };
        format!("{} {and} ({} IS NULL{or})", self.rows, self.deleted_at)
    }
}
