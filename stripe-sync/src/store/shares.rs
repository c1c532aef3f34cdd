//! Who uses an account's rate at this moment: one lease for each client, so that they can divide it.

use std::time::Duration;

use super::Store;
use super::binding::Scope;
use super::connection::{Bind, Conn, Taken};
use super::error::StoreError;
use super::fault::{Fault, Tries};
use super::with_connection;
use crate::cell::CellType;

const TABLE: &str = "stripe_sync_shares";
/// How long a share counts without being renewed, by the database's clock: several renewals may fail, and what a killed
/// process had is used by the others soon.
const LEASE: Duration = Duration::from_secs(20);
const OF_ACCOUNT: &str = "WHERE account = ? AND livemode = ?";

/// One client's share of an account's rate.
#[derive(Debug, Clone)]
pub(crate) struct Share {
    scope: Scope,
    process: String,
}

impl Share {
    /// A share under a name that no other client has.
    pub(crate) fn new(scope: Scope, process: String) -> Self {
        Self { scope, process }
    }

    fn account(&self) -> [Bind<'_>; 2] {
        [
            Bind::text(&self.scope.account),
            Bind::boolean(self.scope.livemode),
        ]
    }

    fn key(&self) -> [Bind<'_>; 3] {
        let [account, livemode] = self.account();
        [account, livemode, Bind::text(&self.process)]
    }
}

impl Store {
    /// Takes a share, and forgets those that ended. Answers how many there are, this one included.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn join_share(&self, share: &Share) -> Result<u32, StoreError> {
        let now = self.kind().dialect().now_millis;
        let forget = format!("DELETE FROM {TABLE} {OF_ACCOUNT} AND expires_at <= {now}");
        self.about_share(&forget, share.account().as_slice())
            .await?;
        self.renew_share(share).await
    }

    /// Prolongs a share, and takes it again where it had ended. Answers as `join_share`.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn renew_share(&self, share: &Share) -> Result<u32, StoreError> {
        let mut tries = Tries::new(TABLE, self.kind());
        loop {
            match self.try_renew_share(share).await {
                Ok(parts) => return Ok(parts),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    /// Each statement commits by itself: what the others count is never behind a lock.
    async fn try_renew_share(&self, share: &Share) -> Result<u32, Fault> {
        let now = self.kind().dialect().now_millis;
        let until = format!("{now} + {}", LEASE.as_millis());
        with_connection!(self, |conn| {
            let prolong =
                format!("UPDATE {TABLE} SET expires_at = {until} {OF_ACCOUNT} AND process = ?");
            let sql = conn.sql(prolong);
            if conn.execute(sql, &share.key()).await? == 0 {
                // Nobody else writes this row.
                let take = format!(
                    "INSERT INTO {TABLE} (account, livemode, process, expires_at) VALUES (?, ?, ?, {until})"
                );
                let sql = conn.sql(take);
                conn.execute(sql, &share.key()).await?;
            }
            Ok(count(&mut conn, share, now).await?)
        })
    }

    /// Gives a share back.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn leave_share(&self, share: &Share) -> Result<(), StoreError> {
        let leave = format!("DELETE FROM {TABLE} {OF_ACCOUNT} AND process = ?");
        self.about_share(&leave, share.key().as_slice()).await
    }

    async fn about_share(&self, sql: &str, binds: &[Bind<'_>]) -> Result<(), StoreError> {
        let mut tries = Tries::new(TABLE, self.kind());
        loop {
            match self.try_about_share(sql, binds).await {
                Ok(()) => return Ok(()),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_about_share(&self, sql: &str, binds: &[Bind<'_>]) -> Result<(), Fault> {
        with_connection!(self, |conn| {
            let sql = conn.sql(sql);
            conn.execute(sql, binds).await?;
            Ok(())
        })
    }
}

/// How many shares of the account hold now.
async fn count(conn: &mut Conn<'_>, share: &Share, now: &str) -> Result<u32, sqlx::Error> {
    let sql = conn.sql(format!(
        "SELECT COUNT(*) FROM {TABLE} {OF_ACCOUNT} AND expires_at > {now}"
    ));
    let rows = conn
        .fetch(sql, &share.account(), &[CellType::Integer])
        .await?;
    let live = rows
        .into_iter()
        .next()
        .map_or(0, |row| Taken::new(row).integer());
    // This client counts itself, also where its row is gone.
    Ok(u32::try_from(live).unwrap_or(u32::MAX).max(1))
}
