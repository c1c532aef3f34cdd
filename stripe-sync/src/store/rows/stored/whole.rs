//! Whole rows, to be compared with what Stripe has: every column that a sync writes.

use std::collections::HashMap;

use sqlx::AssertSqlSafe;
use stripe_sync_schema::sql::Database;
use stripe_sync_schema::table::DELETED_AT;

use crate::model::{Model, Role};
use crate::store::db::store::SCAN_TIMEOUT;
use crate::store::db::{Bind, OF_KEY, Scope, Store, StoreError, TableContext, query};
use crate::store::rows::sets::stored as sets;
use crate::store::rows::sets::stored::StoredChild;
use crate::store::rows::stored::{Stored, read};
use crate::store::rows::{Failure, WantedColumns};

/// Ids that are read at once.
const IDS: usize = 1_000;

impl Store {
    /// Returns the rows with these ids, with the columns that a sync writes; those that are marked as deleted, too. A value
    /// that is none of its column's type is [`UNREADABLE`](crate::store::db::UNREADABLE).
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn whole_rows(
        &self,
        model: &'static Model,
        scope: &Scope,
        ids: &[&str],
    ) -> Result<HashMap<String, Stored>, StoreError> {
        let target = self.target(model, scope)?;
        let facts = self.facts(&target).await?;
        let wanted = WantedColumns::written(model);
        query!(self, target.table(), async |conn| {
            if facts.zoned {
                conn.utc().await?;
            }
            conn.reads_anything = true;
            read(conn, &target, ids, false, &wanted).await
        })
    }

    /// Returns the rows of a child model that have these parents, with the same columns. The id of an element without one is
    /// its place in the list.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn whole_rows_below(
        &self,
        model: &'static Model,
        scope: &Scope,
        parents: &[&str],
    ) -> Result<Vec<StoredChild>, StoreError> {
        let target = self.target(model, scope)?;
        let facts = self.facts(&target).await?;
        let wanted = WantedColumns::written(model);
        query!(self, target.table(), async |conn| {
            if facts.zoned {
                conn.utc().await?;
            }
            conn.reads_anything = true;
            sets::with_columns(conn, &target, parents, &wanted).await
        })
    }

    /// Returns ids of rows that are not marked as deleted, in order: the first ones, or those behind one.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn ids_alive_after(
        &self,
        model: &'static Model,
        scope: &Scope,
        behind: Option<&str>,
    ) -> Result<Vec<String>, StoreError> {
        let target = self.target(model, scope)?;
        let names = Names::new(&target);
        let mut binds = target.scope_binds();
        // By hand a row may have an id of no letters, behind which all others are.
        let behind = behind.map_or(String::new(), |behind| {
            binds.push(Bind::text(behind));
            format!(
                " AND {} > {}",
                names.id,
                target.kind.placeholder(binds.len())
            )
        });
        let sql = format!(
            "SELECT {} {}{behind} ORDER BY {} LIMIT {IDS}",
            names.id_as_text, names.alive, names.id
        );
        query!(self, target.table(), async |conn| {
            conn.limit = SCAN_TIMEOUT;
            conn.rows(AssertSqlSafe(sql.clone()), &binds).await
        })
    }

    /// Returns ids of rows that are not marked as deleted, taken at random.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn ids_at_random(
        &self,
        model: &'static Model,
        scope: &Scope,
        most: u64,
    ) -> Result<Vec<String>, StoreError> {
        let target = self.target(model, scope)?;
        let names = Names::new(&target);
        // No database takes a larger number.
        let most = most.min(i64::MAX.unsigned_abs());
        let random = match target.kind.sql() {
            Database::MySql => "RAND()",
            Database::Postgres | Database::Sqlite => "RANDOM()",
        };
        let sql = format!(
            "SELECT {} {} ORDER BY {random} LIMIT {most}",
            names.id_as_text, names.alive
        );
        query!(self, target.table(), async |conn| {
            conn.limit = SCAN_TIMEOUT;
            let binds = target.scope_binds();
            conn.rows(AssertSqlSafe(sql.clone()), &binds).await
        })
    }

    /// Whether an event told of an object and no read has covered it yet.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn has_work(
        &self,
        model: &'static Model,
        scope: &Scope,
        id: &str,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT COUNT(*) FROM $work WHERE account = ? AND livemode = ? AND object = ? AND object_id = ? \
                   AND notices > 0 AND NOT given_up";
        let [account, livemode] = scope.binds();
        let binds = [
            account,
            livemode,
            Bind::text(model.object()),
            Bind::text(id),
        ];
        let found: i64 = self.one(&self.place(model).name, sql, &binds).await?;
        Ok(found > 0)
    }

    /// Returns why an object is not in its table as Stripe has it, if the bookkeeping says so.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn recorded_failure(
        &self,
        model: &'static Model,
        scope: &Scope,
        id: &str,
    ) -> Result<Option<Failure>, StoreError> {
        let target = self.target(model, scope)?;
        let sql = format!(
            "SELECT id, failed_column, failed_reason FROM $objects {} AND id = ? AND failed_at IS NOT NULL",
            OF_KEY
        );
        let binds = target.around(&[], &[Bind::text(id)]);
        type Recorded = (String, Option<String>, Option<String>);
        let found: Option<Recorded> = self.row(target.table(), &sql, &binds).await?;
        Ok(found.map(|(id, column, reason)| Failure {
            id,
            column,
            reason: reason.unwrap_or_default(),
        }))
    }
}

/// The names of a mirrored table, quoted.
struct Names {
    id: String,
    id_as_text: String,
    /// The rows of the account and mode that are not marked as deleted, with a condition that others follow.
    alive: String,
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
            Database::MySql | Database::Sqlite => "",
        };
        let and = match target.scope_binds().is_empty() {
            true => "WHERE",
            false => "AND",
        };
        let is_alive = match target.versioned() {
            true => format!("{} IS NULL", column(Role::DeletedAt, DELETED_AT)),
            false => "1 = 1".to_owned(),
        };
        Self {
            id_as_text: format!("{id}{cast}"),
            id,
            alive: format!("{} {and} {is_alive}", target.rows_of_scope()),
        }
    }
}
