//! How far Stripe's list of events was followed, in `cursors`, and which accounts there are.

use std::collections::BTreeSet;

use super::inbox;
use crate::store::db::bind::Bind;
use crate::store::db::door::query;
use crate::store::db::error::StoreError;
use crate::store::{Scope, Store};

const TABLE: &str = "stripe_sync_cursors";

impl Store {
    /// Until when events were followed, in unix seconds of Stripe's clock.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn followed_until(&self, scope: &Scope) -> Result<Option<i64>, StoreError> {
        query!(self, TABLE, async |conn| {
            let sql = "SELECT value FROM $cursors WHERE name = 'followed' AND account = ? AND livemode = ?";
            let row = conn.row(sql, &scope.binds()).await?;
            Ok(row.map(|(until,)| until))
        })
    }

    /// When the first event that is kept of an account and a mode happened, in unix seconds; `None` if none is.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn first_event_at(&self, scope: &Scope) -> Result<Option<i64>, StoreError> {
        query!(self, inbox::TABLE, async |conn| {
            let sql = "SELECT MIN(created) FROM $events WHERE account = ? AND livemode = ?";
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
                let sql = "SELECT account FROM $events WHERE account > ? AND livemode = ? ORDER BY account LIMIT 1";
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
        let (update, greatest) = (
            self.kind().on_conflict("name, account, livemode"),
            self.kind().dialect().greatest,
        );
        let until = [Bind::integer(until), Bind::integer(until)];
        query!(self, TABLE, async |conn| {
            let sql = format!(
                "INSERT INTO $cursors (name, account, livemode, value) VALUES ('followed', ?, ?, ?) \
                 {update} value = {greatest}($cursors.value, ?)"
            );
            let binds = [&scope.binds()[..], &until].concat();
            conn.execute(sql, &binds).await.map(drop)
        })
    }
}
