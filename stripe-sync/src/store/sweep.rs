//! Rows that a walk may not have seen.

use sqlx::{AssertSqlSafe, SqlSafeStr as _};
use stripe_sync_schema::sql::quote;
use stripe_sync_schema::table::{DELETED_AT, OBSERVED_AT};

use super::Store;
use super::db::bind::Bind;
use super::db::door::query;
use super::db::error::StoreError;
use super::target::Target;
use super::walk::WalkLease;
use crate::model::{Model, Role};

/// Ids that are read at once.
const IDS: i64 = 10_000;

/// Which rows of an account and mode are counted. All is a question to the key's index, the others to every row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    All,
    /// Those that are not marked as deleted.
    Alive,
    /// Those that are not, or that were marked since the walk began.
    SinceWalk,
}

impl Store {
    /// Returns how many rows there are.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count_rows(
        &self,
        model: &'static Model,
        lease: &WalkLease,
        which: Counted,
    ) -> Result<i64, StoreError> {
        let target = self.target(model, &lease.scope)?;
        let names = Names::new(&target);
        let mut binds = target.scope_binds();
        let rows = match which {
            Counted::All => names.rows(),
            Counted::Alive => names.alive(""),
            Counted::SinceWalk => {
                let began = names.placeholder(binds.len() + 1);
                binds.push(Bind::integer(lease.token()));
                names.alive(&format!(" OR {} > {began}", names.observed_at))
            }
        };
        let sql = AssertSqlSafe(format!("SELECT COUNT(*) {rows}")).into_sql_str();
        let (count,) = query!(self, target.table(), async |conn| {
            conn.one(sql.clone(), &binds).await
        })?;
        Ok(count)
    }

    /// Returns ids after one, in order, of rows that are not marked as deleted and that nobody wrote or raised since the
    /// walk began.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn alive_after(
        &self,
        model: &'static Model,
        lease: &WalkLease,
        id: &str,
    ) -> Result<Vec<String>, StoreError> {
        let target = self.target(model, &lease.scope)?;
        let names = Names::new(&target);
        let mut binds = target.scope_binds();
        let next = binds.len() + 1;
        let sql = format!(
            "SELECT {} {} AND {id} > {} AND {} <= {} ORDER BY {id} LIMIT {IDS}",
            names.id_as_text,
            names.alive(""),
            names.placeholder(next),
            names.observed_at,
            names.placeholder(next + 1),
            id = names.id,
        );
        binds.extend([Bind::text(id), Bind::integer(lease.token())]);
        let sql = AssertSqlSafe(sql).into_sql_str();
        query!(self, target.table(), async |conn| {
            let ids = conn.rows(sql.clone(), &binds).await?;
            Ok(ids.into_iter().map(|(id,)| id).collect())
        })
    }
}

/// The names of a mirrored table, quoted.
pub(super) struct Names {
    postgres: bool,
    table: String,
    scope: Vec<String>,
    id: String,
    pub(super) id_as_text: String,
    observed_at: String,
    deleted_at: String,
}

impl Names {
    pub(super) fn new(target: &Target<'_>) -> Self {
        let mark = target.kind.dialect().quote;
        let column = |role: Role| {
            target
                .model
                .role(role)
                .map(|column| quote(column.name, mark))
        };
        let id = column(Role::Id).unwrap_or_else(|| quote("id", mark));
        let postgres = target.kind.is_postgres();
        let cast = if postgres { "::text" } else { "" };
        let scope = [Role::Account, Role::Livemode].into_iter();
        Self {
            postgres,
            table: target.place.quoted.clone(),
            scope: scope.filter_map(column).collect(),
            id_as_text: format!("{id}{cast}"),
            id,
            observed_at: quote(OBSERVED_AT, mark),
            deleted_at: column(Role::DeletedAt).unwrap_or_else(|| quote(DELETED_AT, mark)),
        }
    }

    pub(super) fn placeholder(&self, number: usize) -> String {
        match self.postgres {
            true => format!("${number}"),
            false => "?".to_owned(),
        }
    }

    /// The rows of the account and mode, which are bound first.
    fn rows(&self) -> String {
        let mut sql = format!("FROM {}", self.table);
        for (number, name) in (1..).zip(&self.scope) {
            let and = if number == 1 { "WHERE" } else { "AND" };
            sql += &format!(" {and} {name} = {}", self.placeholder(number));
        }
        sql
    }

    /// Those of them that are not marked as deleted, or of which `or` holds.
    pub(super) fn alive(&self, or: &str) -> String {
        let and = if self.scope.is_empty() {
            "WHERE"
        } else {
            "AND"
        };
        format!("{} {and} ({} IS NULL{or})", self.rows(), self.deleted_at)
    }
}
