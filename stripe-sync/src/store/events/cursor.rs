//! How far Stripe's list of events was followed, in `cursors`, and which accounts there are.

use std::collections::BTreeSet;

use crate::store::db::{Bind, Scope, Store, StoreError, query};
use crate::store::events::inbox;

const TABLE: &str = "stripe_sync_cursors";

/// A moment that is remembered of an account's list of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cursor {
    /// Until when it was followed.
    Followed,
    /// When every model was mirrored anew, because Stripe had forgotten a part of it.
    Mirrored,
}

impl Cursor {
    fn name(self) -> &'static str {
        match self {
            Self::Followed => "followed",
            Self::Mirrored => "mirrored",
        }
    }
}

impl Store {
    /// Until when events were followed, in unix seconds of Stripe's clock.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn followed_until(&self, scope: &Scope) -> Result<Option<i64>, StoreError> {
        self.cursor(scope, Cursor::Followed).await
    }

    /// A moment of an account's list of events, in unix seconds of Stripe's clock.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn cursor(
        &self,
        scope: &Scope,
        cursor: Cursor,
    ) -> Result<Option<i64>, StoreError> {
        query!(self, TABLE, async |conn| {
            let sql = "SELECT value FROM $cursors WHERE name = ? AND account = ? AND livemode = ?";
            let binds = [&[Bind::text(cursor.name())], &scope.binds()[..]].concat();
            let row = conn.row(sql, &binds).await?;
            Ok(row.map(|(until,)| until))
        })
    }

    /// When the first event that is kept of an account and a mode happened, in unix seconds; `None` if none is.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn first_event_at(&self, scope: &Scope) -> Result<Option<i64>, StoreError> {
        query!(self, inbox::TABLE, async |conn| {
            let sql = "SELECT MIN(created) FROM $inbox WHERE account = ? AND livemode = ?";
            let (first,) = conn.one(sql, &scope.binds()).await?;
            Ok(first)
        })
    }

    /// The accounts of a mode of which an event is kept, and those that one of these tables is bound to.
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
                let rows = conn.rows(sql, &binds).await?;
                accounts.extend(rows.into_iter().map(|(account,)| account));
            }
            // From each account to the next in the key: there are far more events than accounts.
            let mut last = String::new();
            loop {
                let sql = "SELECT account FROM $inbox WHERE account > ? AND livemode = ? ORDER BY account LIMIT 1";
                let binds = [Bind::text(&last), Bind::boolean(livemode)];
                let Some((next,)) = conn.row(sql, &binds).await? else {
                    return Ok(accounts);
                };
                last = next;
                accounts.insert(last.clone());
            }
        })
    }

    /// Remembers until when events were followed; never earlier than before.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn set_followed(&self, scope: &Scope, until: i64) -> Result<(), StoreError> {
        let greatest = self.kind().sql().greatest();
        let value = format!("{greatest}($cursors.value, ?)");
        self.write_cursor(scope, Cursor::Followed, until, &value)
            .await
    }

    /// Remembers a moment, whatever was remembered before.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn set_cursor(
        &self,
        scope: &Scope,
        cursor: Cursor,
        moment: i64,
    ) -> Result<(), StoreError> {
        self.write_cursor(scope, cursor, moment, "?").await
    }

    /// Writes a moment; `value` is what becomes of it where one is there.
    async fn write_cursor(
        &self,
        scope: &Scope,
        cursor: Cursor,
        moment: i64,
        value: &str,
    ) -> Result<(), StoreError> {
        let update = self.kind().on_conflict("name, account, livemode");
        let (name, [account, livemode]) = (Bind::text(cursor.name()), scope.binds());
        let [first, again] = [moment, moment].map(Bind::integer);
        let binds = [name, account, livemode, first, again];
        query!(self, TABLE, async |conn| {
            let sql = format!(
                "INSERT INTO $cursors (name, account, livemode, value) VALUES (?, ?, ?, ?) {update} value = {value}"
            );
            conn.execute(sql, &binds).await.map(drop)
        })
    }
}
