//! Who uses an account's rate at this moment: one lease for each client, so that they can divide it.

use std::time::Duration;

use crate::store::db::{Bind, Conn, Scope, Store, StoreError, TxError, query};

/// The table's name in errors.
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

    fn key(&self) -> [Bind<'_>; 3] {
        let [account, livemode] = self.scope.binds();
        [account, livemode, Bind::text(&self.process)]
    }
}

/// Each statement commits by itself: what the others count is never behind a lock.
impl Store {
    /// Takes a share, and removes those that ended. Returns how many there are, this one included.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn join_share(&self, share: &Share) -> Result<u32, StoreError> {
        query!(self, TABLE, async |conn| {
            let now = conn.kind().dialect().now_millis;
            let forget = format!("DELETE FROM $shares {OF_ACCOUNT} AND expires_at <= {now}");
            conn.execute(forget, &share.scope.binds()).await?;
            renew(conn, share).await
        })
    }

    /// Prolongs a share, and takes it again where it had ended. Returns the same as `join_share`.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn renew_share(&self, share: &Share) -> Result<u32, StoreError> {
        query!(self, TABLE, async |conn| { renew(conn, share).await })
    }

    /// Gives a share back.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn leave_share(&self, share: &Share) -> Result<(), StoreError> {
        let leave = format!("DELETE FROM $shares {OF_ACCOUNT} AND process = ?");
        self.execute(TABLE, &leave, &share.key()).await.map(drop)
    }
}

/// Prolongs or takes a share, and counts those of the account that hold now.
async fn renew(conn: &mut Conn<'_>, share: &Share) -> Result<u32, TxError> {
    let now = conn.kind().dialect().now_millis;
    let until = conn.kind().in_future(LEASE);
    let prolong = format!("UPDATE $shares SET expires_at = {until} {OF_ACCOUNT} AND process = ?");
    if conn.execute(prolong, &share.key()).await? == 0 {
        // Nobody else writes this row.
        let take = format!(
            "INSERT INTO $shares (account, livemode, process, expires_at) VALUES (?, ?, ?, {until})"
        );
        conn.execute(take, &share.key()).await?;
    }
    let count = format!("SELECT COUNT(*) FROM $shares {OF_ACCOUNT} AND expires_at > {now}");
    let live: i64 = conn.one(count, &share.scope.binds()).await?;
    // This client counts itself, also where its row is gone.
    Ok(u32::try_from(live).unwrap_or(u32::MAX).max(1))
}
