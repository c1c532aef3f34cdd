//! How far Stripe's list of events was followed: `stripe_sync_followed`.

use std::collections::BTreeSet;

use super::{StoreError, inbox, scope_binds};
use crate::cell::CellType;
use crate::store::connection::{Bind, Taken};
use crate::store::fault::{Fault, Tries};
use crate::store::{Scope, Store, with_connection};

const TABLE: &str = "stripe_sync_followed";

impl Store {
    /// Until when events were followed, in unix seconds of Stripe's clock.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn followed_until(&self, scope: &Scope) -> Result<Option<i64>, StoreError> {
        let tries = Tries::new(TABLE, self.kind());
        let until = self.try_followed(scope).await;
        until.map_err(|fault| tries.give_up(fault))
    }

    async fn try_followed(&self, scope: &Scope) -> Result<Option<i64>, Fault> {
        with_connection!(self, |conn| {
            let sql = conn.sql(format!(
                "SELECT followed_until FROM {TABLE} WHERE account = ? AND livemode = ?"
            ));
            let rows = conn
                .fetch(sql, &scope_binds(scope), &[CellType::Integer])
                .await?;
            Ok(rows.into_iter().next().map(|row| Taken::new(row).integer()))
        })
    }

    /// When the first event that is kept of an account and a mode happened, in unix seconds; `None` if none is.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn first_event_at(&self, scope: &Scope) -> Result<Option<i64>, StoreError> {
        let tries = Tries::new(inbox::TABLE, self.kind());
        let first = self.try_first_event(scope).await;
        first.map_err(|fault| tries.give_up(fault))
    }

    async fn try_first_event(&self, scope: &Scope) -> Result<Option<i64>, Fault> {
        with_connection!(self, |conn| {
            let sql = conn.sql(format!(
                "SELECT MIN(created) FROM {} WHERE account = ? AND livemode = ?",
                inbox::TABLE
            ));
            let rows = conn
                .fetch(sql, &scope_binds(scope), &[CellType::Integer])
                .await?;
            let first = rows.into_iter().next();
            Ok(first.and_then(|row| Taken::new(row).integer_or_null()))
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
        let tries = Tries::new(inbox::TABLE, self.kind());
        let accounts = self.try_known_accounts(livemode, tables).await;
        accounts.map_err(|fault| tries.give_up(fault))
    }

    async fn try_known_accounts(
        &self,
        livemode: bool,
        tables: &[String],
    ) -> Result<BTreeSet<String>, Fault> {
        with_connection!(self, |conn| {
            let mut accounts = BTreeSet::new();
            for table in tables {
                let sql = conn.sql(
                    "SELECT account FROM stripe_sync_bindings WHERE table_name = ? AND livemode = ?",
                );
                let binds = [Bind::text(table), Bind::boolean(livemode)];
                let rows = conn.fetch(sql, &binds, &[CellType::Text]).await?;
                accounts.extend(rows.into_iter().map(|row| Taken::new(row).text()));
            }
            // From each account to the next in the key: there are far more events than accounts.
            let mut last = String::new();
            loop {
                let sql = conn.sql(format!(
                    "SELECT account FROM {} WHERE account > ? AND livemode = ? ORDER BY account LIMIT 1",
                    inbox::TABLE
                ));
                let binds = [Bind::text(&last), Bind::boolean(livemode)];
                let rows = conn.fetch(sql, &binds, &[CellType::Text]).await?;
                let Some(row) = rows.into_iter().next() else {
                    return Ok(accounts);
                };
                last = Taken::new(row).text();
                accounts.insert(last.clone());
            }
        })
    }

    /// Keeps until when events were followed; never earlier than before.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn set_followed(&self, scope: &Scope, until: i64) -> Result<(), StoreError> {
        let mut tries = Tries::new(TABLE, self.kind());
        loop {
            match self.try_set_followed(scope, until).await {
                Ok(()) => return Ok(()),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_set_followed(&self, scope: &Scope, until: i64) -> Result<(), Fault> {
        let dialect = self.kind().dialect();
        let (insert, or_ignore) = dialect.or_ignore;
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        let sql = conn.sql(format!(
            "{insert} INTO {TABLE} (account, livemode, followed_until) VALUES (?, ?, ?){or_ignore}"
        ));
        let mut binds = scope_binds(scope).to_vec();
        binds.push(Bind::integer(until));
        conn.execute(sql, &binds).await?;
        let sql = conn.sql(format!(
            "UPDATE {TABLE} SET followed_until = {}(followed_until, ?) WHERE account = ? AND livemode = ?",
            dialect.greatest
        ));
        let mut binds = vec![Bind::integer(until)];
        binds.extend(scope_binds(scope));
        conn.execute(sql, &binds).await?;
        transaction.commit().await?;
        Ok(())
    }
}
