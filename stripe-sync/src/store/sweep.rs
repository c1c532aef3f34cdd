//! Rows that a walk may not have seen, and ids that no list shows: `stripe_sync_unlisted`.

use stripe_sync_schema::sql::{quote, quote_table};
use stripe_sync_schema::table::{DELETED_AT, OBSERVED_AT};

use super::connection::{Bind, Taken};
use super::error::StoreError;
use super::fault::{Fault, Tries};
use super::target::Target;
use super::walk::{WalkLease, key};
use super::{Store, with_connection};
use crate::cell::CellType;
use crate::model::{Model, Role};

const OF_KEY: &str = "WHERE table_name = ? AND account = ? AND livemode = ?";
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
    /// How many rows there are.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count_rows(
        &self,
        model: &'static Model,
        lease: &WalkLease,
        which: Counted,
    ) -> Result<i64, StoreError> {
        let target = Target::new(self.kind(), model, &lease.scope)?;
        let tries = Tries::new(&target.table, self.kind());
        let count = self.try_count(&target, lease, which).await;
        count.map_err(|fault| tries.give_up(fault))
    }

    async fn try_count(
        &self,
        target: &Target<'_>,
        lease: &WalkLease,
        which: Counted,
    ) -> Result<i64, Fault> {
        let text = Names::new(target);
        let mut binds = target.scope_binds();
        let rows = match which {
            Counted::All => text.rows(1),
            Counted::Alive => text.alive(1, ""),
            Counted::SinceWalk => {
                let walk = text.placeholder(binds.len() + 1);
                binds.push(Bind::integer(lease.token()));
                text.alive(1, &format!(" OR {} > {walk}", text.observed_at))
            }
        };
        with_connection!(self, |conn| {
            let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) {rows}"));
            let sql = sqlx::SqlSafeStr::into_sql_str(sql);
            number(conn.fetch(sql, &binds, &[CellType::Integer]).await?)
        })
    }

    /// How many objects were found deleted since the walk began and have no row.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count_tombstones(&self, lease: &WalkLease) -> Result<i64, StoreError> {
        let tries = Tries::new(&lease.table, self.kind());
        let count = self.try_count_tombstones(lease).await;
        count.map_err(|fault| tries.give_up(fault))
    }

    async fn try_count_tombstones(&self, lease: &WalkLease) -> Result<i64, Fault> {
        with_connection!(self, |conn| {
            let sql = conn.sql(format!(
                "SELECT COUNT(*) FROM stripe_sync_tombstones {OF_KEY} AND observed_at > ?"
            ));
            let mut binds = key(lease).to_vec();
            binds.push(Bind::integer(lease.token()));
            number(conn.fetch(sql, &binds, &[CellType::Integer]).await?)
        })
    }

    /// How many ids are known to be in no list.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count_unlisted(&self, lease: &WalkLease) -> Result<i64, StoreError> {
        let tries = Tries::new(&lease.table, self.kind());
        let count = self.try_count_unlisted(lease).await;
        count.map_err(|fault| tries.give_up(fault))
    }

    async fn try_count_unlisted(&self, lease: &WalkLease) -> Result<i64, Fault> {
        with_connection!(self, |conn| {
            let sql = conn.sql(format!(
                "SELECT COUNT(*) FROM stripe_sync_unlisted {OF_KEY}"
            ));
            number(conn.fetch(sql, &key(lease), &[CellType::Integer]).await?)
        })
    }

    /// Ids after one, in order, of rows that are not marked as deleted and that nobody wrote or raised since the walk
    /// began.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn alive_after(
        &self,
        model: &'static Model,
        lease: &WalkLease,
        id: &str,
    ) -> Result<Vec<String>, StoreError> {
        let target = Target::new(self.kind(), model, &lease.scope)?;
        let tries = Tries::new(&target.table, self.kind());
        let ids = self.try_alive(&target, lease, id).await;
        ids.map_err(|fault| tries.give_up(fault))
    }

    async fn try_alive(
        &self,
        target: &Target<'_>,
        lease: &WalkLease,
        id: &str,
    ) -> Result<Vec<String>, Fault> {
        let text = Names::new(target);
        let mut binds = target.scope_binds();
        let next = binds.len() + 1;
        let (from, walk) = (text.placeholder(next), text.placeholder(next + 1));
        let sql = format!(
            "SELECT {} {} AND {} > {from} AND {} <= {walk} ORDER BY {} LIMIT {IDS}",
            text.id_as_text,
            text.alive(1, ""),
            text.id,
            text.observed_at,
            text.id
        );
        binds.extend([Bind::text(id), Bind::integer(lease.token())]);
        with_connection!(self, |conn| {
            let sql = sqlx::SqlSafeStr::into_sql_str(sqlx::AssertSqlSafe(sql));
            let rows = conn.fetch(sql, &binds, &[CellType::Text]).await?;
            Ok(rows.into_iter().map(|row| Taken::new(row).text()).collect())
        })
    }

    /// Ids that are known to be in no list, after one, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn unlisted_after(
        &self,
        lease: &WalkLease,
        id: &str,
    ) -> Result<Vec<String>, StoreError> {
        let tries = Tries::new(&lease.table, self.kind());
        let ids = self.try_unlisted(lease, id).await;
        ids.map_err(|fault| tries.give_up(fault))
    }

    async fn try_unlisted(&self, lease: &WalkLease, id: &str) -> Result<Vec<String>, Fault> {
        with_connection!(self, |conn| {
            let sql = conn.sql(format!(
                "SELECT id FROM stripe_sync_unlisted {OF_KEY} AND id > ? ORDER BY id LIMIT {IDS}"
            ));
            let mut binds = key(lease).to_vec();
            binds.push(Bind::text(id));
            let rows = conn.fetch(sql, &binds, &[CellType::Text]).await?;
            Ok(rows.into_iter().map(|row| Taken::new(row).text()).collect())
        })
    }

    /// Remembers that no list shows an object, or forgets it.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn set_unlisted(
        &self,
        lease: &WalkLease,
        ids: &[String],
        unlisted: bool,
    ) -> Result<(), StoreError> {
        let mut tries = Tries::new(&lease.table, self.kind());
        loop {
            match self.try_set_unlisted(lease, ids, unlisted).await {
                Ok(()) => return Ok(()),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_set_unlisted(
        &self,
        lease: &WalkLease,
        ids: &[String],
        unlisted: bool,
    ) -> Result<(), Fault> {
        let (insert, or_ignore) = self.kind().dialect().or_ignore;
        let text = if unlisted {
            format!(
                "{insert} INTO stripe_sync_unlisted (table_name, account, livemode, id) VALUES (?, ?, ?, ?){or_ignore}"
            )
        } else {
            format!("DELETE FROM stripe_sync_unlisted {OF_KEY} AND id = ?")
        };
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        for id in ids {
            let sql = conn.sql(text.as_str());
            let mut binds = key(lease).to_vec();
            binds.push(Bind::text(id));
            conn.execute(sql, &binds).await?;
        }
        transaction.commit().await?;
        Ok(())
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
        let model = target.model;
        let name_of = |role: Role| model.role(role).map(|column| quote(column.name, mark));
        let id = name_of(Role::Id).unwrap_or_else(|| quote("id", mark));
        let postgres = target.kind.is_postgres();
        Self {
            postgres,
            table: quote_table(model.parts.schema, model.parts.table, mark),
            scope: [Role::Account, Role::Livemode]
                .into_iter()
                .filter_map(name_of)
                .collect(),
            id_as_text: if postgres {
                format!("{id}::text")
            } else {
                id.clone()
            },
            id,
            observed_at: quote(OBSERVED_AT, mark),
            deleted_at: name_of(Role::DeletedAt).unwrap_or_else(|| quote(DELETED_AT, mark)),
        }
    }

    pub(super) fn placeholder(&self, number: usize) -> String {
        if self.postgres {
            format!("${number}")
        } else {
            "?".to_owned()
        }
    }

    /// The rows of the account and mode, which are bound from `first` on.
    fn rows(&self, first: usize) -> String {
        let scope: Vec<String> = (first..)
            .zip(&self.scope)
            .map(|(number, name)| format!("{name} = {}", self.placeholder(number)))
            .collect();
        match scope.is_empty() {
            true => format!("FROM {}", self.table),
            false => format!("FROM {} WHERE {}", self.table, scope.join(" AND ")),
        }
    }

    /// Those of them that are not marked as deleted, or of which `or` holds.
    pub(super) fn alive(&self, first: usize, or: &str) -> String {
        let rows = self.rows(first);
        let and = if self.scope.is_empty() {
            "WHERE"
        } else {
            "AND"
        };
        format!("{rows} {and} ({} IS NULL{or})", self.deleted_at)
    }
}

/// The one number of an answer.
fn number(rows: super::connection::Rows) -> Result<i64, Fault> {
    let first = rows.into_iter().next();
    Ok(first.map_or(0, |row| Taken::new(row).integer()))
}
