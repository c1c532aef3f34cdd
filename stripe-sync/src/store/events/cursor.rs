//! How far Stripe's list of events was followed and its events were delivered, in `cursors`, and which accounts there are.

use std::collections::{BTreeMap, BTreeSet};

use crate::store::db::scope::scope_binds;
use crate::store::db::{Bind, Scope, Store, StoreError, query};
use crate::store::events::inbox;
use crate::store::tables::cursors;

const TABLE: &str = "stripe_sync_cursors";

/// A moment that is stored of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cursor {
    /// Until when it was followed.
    Followed,
    /// When every model was mirrored again, because Stripe had forgotten a part of it.
    Mirrored,
    /// When the newest event happened that was delivered, to a minute.
    Delivered,
    /// The moment of the last night whose verification has ended.
    Verified,
}

impl Cursor {
    fn name(self) -> &'static str {
        match self {
            Self::Followed => "followed",
            Self::Mirrored => "mirrored",
            Self::Delivered => "delivered",
            Self::Verified => "verified",
        }
    }
}

impl Store {
    /// Returns until when events were followed, in unix seconds of Stripe's clock.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn followed_until(&self, scope: &Scope) -> Result<Option<i64>, StoreError> {
        self.cursor(scope, Cursor::Followed).await
    }

    /// Returns a moment of an account, in unix seconds of Stripe's clock.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn cursor(
        &self,
        scope: &Scope,
        cursor: Cursor,
    ) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT value FROM $cursors WHERE name = ? AND account = ? AND livemode = ?";
        self.row(TABLE, sql, &scope_binds(cursor.name(), scope))
            .await
    }

    /// Returns a moment of all accounts of a mode.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn cursors(
        &self,
        livemode: bool,
        cursor: Cursor,
    ) -> Result<BTreeMap<String, i64>, StoreError> {
        let sql = "SELECT account, value FROM $cursors WHERE name = ? AND livemode = ?";
        let binds = [Bind::text(cursor.name()), Bind::boolean(livemode)];
        let rows = self.rows::<(String, i64)>(TABLE, sql, &binds).await?;
        Ok(rows.into_iter().collect())
    }

    /// Returns when the first stored event of an account and a mode happened, in unix seconds; `None` if none is.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn first_event_at(&self, scope: &Scope) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT MIN(created) FROM $inbox WHERE account = ? AND livemode = ?";
        self.one(inbox::TABLE, sql, &scope.binds()).await
    }

    /// Returns the accounts of a mode of which an event is stored, and those that one of these tables is bound to.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn known_accounts(
        &self,
        livemode: bool,
        tables: &[String],
    ) -> Result<BTreeSet<String>, StoreError> {
        query!(self, inbox::TABLE, async |conn| {
            let mut accounts = BTreeSet::new();
            for table in tables {
                let sql =
                    "SELECT account FROM $tables WHERE table_name = ? AND livemode = ? AND bound";
                let binds = [Bind::text(table), Bind::boolean(livemode)];
                accounts.extend(conn.rows::<String>(sql, &binds).await?);
            }
            // From each account to the next in the key: there are far more events than accounts.
            let mut last = String::new();
            loop {
                let sql = "SELECT account FROM $inbox WHERE account > ? AND livemode = ? ORDER BY account LIMIT 1";
                let binds = [Bind::text(&last), Bind::boolean(livemode)];
                let Some(next) = conn.row(sql, &binds).await? else {
                    return Ok(accounts);
                };
                last = next;
                accounts.insert(last.clone());
            }
        })
    }

    /// Stores a moment. It replaces a later one only if it may go back.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn set_cursor(
        &self,
        scope: &Scope,
        cursor: Cursor,
        moment: i64,
        may_go_back: bool,
    ) -> Result<(), StoreError> {
        query!(self, TABLE, async |conn| {
            cursors::set(conn, cursor.name(), scope, moment, may_go_back).await
        })
    }
}
