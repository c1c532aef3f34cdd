//! The lease of a walk: one `sync_all` of a table, account and mode at a time.

use std::time::Duration;

use super::Store;
use super::binding::{Hold, Scope, hold};
use super::bookkeeping::scope_binds;
use super::connection::{Bind, Taken};
use super::error::StoreError;
use super::fault::{Fault, Tries};
use super::target::Target;
use super::with_connection;
use crate::cell::CellType;
use crate::model::Model;

/// How long a lease holds without being renewed, by the database's clock. A run renews it far more often; after a
/// killed process the next run waits at most this long.
const LEASE: Duration = Duration::from_secs(20);
/// The token of a lease that nobody has; the counter begins at 1.
const NOBODY: i64 = 0;
const MILLIS_PER_SECOND: i64 = 1000;

/// The right to walk a table, account and mode. Its token is checked in each of the walk's transactions.
#[derive(Debug, Clone)]
pub(crate) struct WalkLease {
    table: String,
    scope: Scope,
    token: i64,
}

impl WalkLease {
    /// The fencing token: the next lease has a larger one.
    pub(crate) fn token(&self) -> i64 {
        self.token
    }
}

impl Store {
    /// Takes the lease of a walk. The table must be bound.
    ///
    /// # Errors
    /// When another walk has it and renews it, or the database fails.
    pub(crate) async fn acquire_walk(
        &self,
        model: &'static Model,
        scope: &Scope,
    ) -> Result<WalkLease, StoreError> {
        let target = Target::new(self.kind(), model, scope)?;
        let token = self.tick().await?;
        let mut tries = Tries::new(&target.table, self.kind());
        loop {
            match self.try_acquire(&target, token).await {
                Ok(()) => {
                    return Ok(WalkLease {
                        table: target.table.clone(),
                        scope: scope.clone(),
                        token,
                    });
                }
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_acquire(&self, target: &Target<'_>, token: i64) -> Result<(), Fault> {
        let now = self.kind().dialect().now_millis;
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        // Alone: a page of the walk that had the lease before has committed, or will find another token.
        hold(&mut conn, target, Hold::Alone, None).await?;

        let scope = target.scope;
        let key = scope_binds(&target.table, &scope.account, scope.livemode);
        let of_key = "WHERE table_name = ? AND account = ? AND livemode = ?";
        let sql = conn.sql(format!(
            "SELECT token, holder, expires_at - {now} FROM stripe_sync_walks {of_key}"
        ));
        let columns = [CellType::Integer, CellType::Text, CellType::Integer];
        if let Some(row) = conn.fetch(sql, &key, &columns).await?.into_iter().next() {
            let mut row = Taken::new(row);
            let (walk, holder, left) = (row.integer(), row.text(), row.integer());
            if walk != NOBODY && left > 0 {
                return Err(StoreError::WalkRunning {
                    table: target.table.clone(),
                    holder,
                    seconds: left / MILLIS_PER_SECOND + 1,
                }
                .into());
            }
        }
        let sql = conn.sql(format!(
            "UPDATE stripe_sync_walks SET token = ?, holder = ?, expires_at = {now} + {} {of_key}",
            LEASE.as_millis()
        ));
        let holder = holder();
        let mut binds = vec![Bind::integer(token), Bind::text(&holder)];
        binds.extend(key);
        conn.execute(sql, &binds).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Prolongs a lease.
    ///
    /// # Errors
    /// When it is no longer this walk's, or the database fails.
    pub(crate) async fn renew_walk(&self, lease: &WalkLease) -> Result<(), StoreError> {
        let sql = format!(
            "UPDATE stripe_sync_walks SET expires_at = {} + {} \
             WHERE table_name = ? AND account = ? AND livemode = ? AND token = ?",
            self.kind().dialect().now_millis,
            LEASE.as_millis()
        );
        match self.about_lease(&sql, lease).await? {
            0 => Err(StoreError::LeaseLost {
                table: lease.table.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Gives a lease back. One that was lost is nobody's to give back, and that is fine.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn release_walk(&self, lease: &WalkLease) -> Result<(), StoreError> {
        let sql = format!(
            "UPDATE stripe_sync_walks SET token = {NOBODY}, holder = '', expires_at = 0 \
             WHERE table_name = ? AND account = ? AND livemode = ? AND token = ?"
        );
        self.about_lease(&sql, lease).await.map(drop)
    }

    async fn about_lease(&self, sql: &str, lease: &WalkLease) -> Result<u64, StoreError> {
        let mut tries = Tries::new(&lease.table, self.kind());
        loop {
            match self.try_about_lease(sql, lease).await {
                Ok(touched) => return Ok(touched),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_about_lease(&self, sql: &str, lease: &WalkLease) -> Result<u64, Fault> {
        let mut binds =
            scope_binds(&lease.table, &lease.scope.account, lease.scope.livemode).to_vec();
        binds.push(Bind::integer(lease.token));
        with_connection!(self, |conn| {
            let sql = conn.sql(sql);
            Ok(conn.execute(sql, &binds).await?)
        })
    }
}

/// Which process walks, for the message that another one gets.
fn holder() -> String {
    let process = std::process::id();
    match std::env::var("HOSTNAME") {
        Ok(host) if !host.is_empty() && host.len() < 200 => format!("process {process} on {host}"),
        _ => format!("process {process}"),
    }
}
