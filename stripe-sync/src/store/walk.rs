//! A walk: the reading of all lists of a table, account and mode, by one process or several, once or in many runs.
//!
//! `stripe_sync_checkpoints` says how far it is, [`slices`](super::slices) what of the lists is read. One walk goes at a
//! time; whoever calls `sync_all` meanwhile takes part in it.

use std::time::Duration;

use super::Store;
use super::binding::{Hold, Scope, hold, mark_walk};
use super::bookkeeping::scope_binds;
use super::connection::{Bind, Conn, Taken};
use super::error::StoreError;
use super::fault::{Fault, Tries};
use super::phase::Phase;
use super::slices::{self, NewSlice};
use super::target::Target;
use super::{seen, with_connection};
use crate::cell::CellType;
use crate::model::Model;

/// How long a process may hold slices without a word, by the database's clock. It renews them far more often; after a
/// killed process the next one waits at most this long.
pub(super) const LEASE: Duration = Duration::from_secs(20);
/// How long the word of a process that waits for work holds; it is repeated more often.
const WAITS: Duration = Duration::from_secs(3);
/// Nobody's token; the counter begins at 1.
pub(super) const NOBODY: i64 = 0;
/// The form of what a checkpoint says. One of another form is not resumed.
const FORMAT: i64 = 1;

/// The right to take part in a walk. Its token is checked in each of the walk's transactions.
#[derive(Debug, Clone)]
pub(crate) struct WalkLease {
    pub(super) table: String,
    pub(super) scope: Scope,
    pub(super) walk: i64,
    /// Of this process and run: what it holds is its own.
    pub(super) owner: i64,
}

impl WalkLease {
    /// The walk's fencing token: the next walk has a larger one.
    pub(crate) fn token(&self) -> i64 {
        self.walk
    }
}

/// What a walk is to be.
#[derive(Debug)]
pub(crate) struct Opening {
    /// Of the mapping, the lists and the settings: a walk with another identity cannot be resumed.
    pub(crate) identity: i64,
    /// Whether an unfinished walk is given up.
    pub(crate) anew: bool,
    /// What there is to read, if the walk begins.
    pub(crate) slices: Vec<NewSlice>,
}

/// A walk that this process takes part in.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) lease: WalkLease,
    /// Whether it had begun before.
    pub(crate) resumed: bool,
    /// The newest moment, in unix seconds of Stripe's clock, that was before the walk's first page.
    pub(crate) watermark: Option<i64>,
}

/// How far a walk is, as its row says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checkpoint {
    walk: i64,
    format: i64,
    identity: i64,
    pub(crate) phase: Phase,
    pub(crate) watermark: Option<i64>,
    /// The watermark of the newest walk that ended.
    pub(crate) finished: Option<i64>,
}

const OF_KEY: &str = "WHERE table_name = ? AND account = ? AND livemode = ?";

impl Store {
    /// Begins a walk, or takes part in the one that has not ended. The table must be bound.
    ///
    /// # Errors
    /// When another walk goes on in another process, or the database fails.
    pub(crate) async fn open_walk(
        &self,
        model: &'static Model,
        scope: &Scope,
        opening: &Opening,
    ) -> Result<Opened, StoreError> {
        let target = Target::new(self.kind(), model, scope)?;
        let (walk, owner) = (self.tick().await?, self.tick().await?);
        let mut tries = Tries::new(&target.table, self.kind());
        loop {
            match self.try_open(&target, opening, walk, owner).await {
                Ok(opened) => return Ok(opened),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_open(
        &self,
        target: &Target<'_>,
        opening: &Opening,
        walk: i64,
        owner: i64,
    ) -> Result<Opened, Fault> {
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        // Alone: a page of the walk before has committed, or will find another token.
        hold(&mut conn, target, Hold::Alone, None).await?;
        let found = checkpoint(&mut conn, target).await?;
        let lease = |walk| WalkLease {
            table: target.table.clone(),
            scope: target.scope.clone(),
            walk,
            owner,
        };
        let unfinished = found.filter(|row| row.phase != Phase::Done);
        if let Some(row) = unfinished {
            if row.format == FORMAT && row.identity == opening.identity && !opening.anew {
                mark_walk(&mut conn, target, row.walk).await?;
                transaction.commit().await?;
                return Ok(Opened {
                    lease: lease(row.walk),
                    resumed: true,
                    watermark: row.watermark,
                });
            }
            if let Some((holder, seconds)) = slices::somebody(&mut conn, target).await? {
                return Err(StoreError::WalkRunning {
                    table: target.table.clone(),
                    holder,
                    seconds,
                }
                .into());
            }
        }
        let lease = lease(walk);
        slices::remove(&mut conn, &lease).await?;
        seen::remove(&mut conn, &lease).await?;
        for slice in &opening.slices {
            slices::insert(&mut conn, &lease, slice, NOBODY).await?;
        }
        let finished = found.and_then(|row| row.finished);
        begin(
            &mut conn,
            &lease,
            opening.identity,
            finished,
            found.is_some(),
        )
        .await?;
        mark_walk(&mut conn, target, walk).await?;
        transaction.commit().await?;
        Ok(Opened {
            lease,
            resumed: false,
            watermark: None,
        })
    }

    /// How far the newest walk of a table is; `None` if there was none.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn checkpoint(
        &self,
        model: &'static Model,
        scope: &Scope,
    ) -> Result<Option<Checkpoint>, StoreError> {
        let target = Target::new(self.kind(), model, scope)?;
        let tries = Tries::new(&target.table, self.kind());
        let found = self.try_checkpoint(&target).await;
        found.map_err(|fault| tries.give_up(fault))
    }

    async fn try_checkpoint(&self, target: &Target<'_>) -> Result<Option<Checkpoint>, Fault> {
        with_connection!(self, |conn| Ok(checkpoint(&mut conn, target).await?))
    }

    /// Keeps the moment that was before the walk's first page, unless one is kept already.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn set_watermark(
        &self,
        lease: &WalkLease,
        watermark: i64,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "UPDATE stripe_sync_checkpoints SET watermark = COALESCE(watermark, ?) {OF_KEY} AND walk = ?"
        );
        let watermark = [Bind::integer(watermark)];
        self.about_walk(&sql, lease, &watermark, &[])
            .await
            .map(drop)
    }

    /// Prolongs what this process holds of a walk.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn renew_walk(&self, lease: &WalkLease) -> Result<(), StoreError> {
        let until = format!(
            "{} + {}",
            self.kind().dialect().now_millis,
            LEASE.as_millis()
        );
        let slices =
            format!("UPDATE stripe_sync_slices SET expires_at = {until} {OF_KEY} AND owner = ?");
        let closing = format!(
            "UPDATE stripe_sync_checkpoints SET expires_at = {until} {OF_KEY} AND walk = ? AND closer = ?"
        );
        let owner = [Bind::integer(lease.owner)];
        self.about_slices(&slices, lease, &owner).await?;
        self.about_walk(&closing, lease, &[], &owner)
            .await
            .map(drop)
    }

    /// Says that this process waits for work of the walk.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn wait_for_work(&self, lease: &WalkLease) -> Result<(), StoreError> {
        let now = self.kind().dialect().now_millis;
        let sql = format!(
            "UPDATE stripe_sync_checkpoints SET waiting_until = {now} + {} {OF_KEY} AND walk = ?",
            WAITS.as_millis()
        );
        self.about_walk(&sql, lease, &[], &[]).await.map(drop)
    }

    /// Whether another process waits for work of the walk.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn somebody_waits(&self, lease: &WalkLease) -> Result<bool, StoreError> {
        let now = self.kind().dialect().now_millis;
        // Whoever sees it takes it down: one slice is enough for one who waits.
        let sql = format!(
            "UPDATE stripe_sync_checkpoints SET waiting_until = 0 {OF_KEY} AND walk = ? AND waiting_until > {now}"
        );
        Ok(self.about_walk(&sql, lease, &[], &[]).await? > 0)
    }

    /// Gives back what this process holds of a walk.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn release_walk(&self, lease: &WalkLease) -> Result<(), StoreError> {
        let slices = format!(
            "UPDATE stripe_sync_slices SET owner = {NOBODY}, holder = '' {OF_KEY} AND owner = ?"
        );
        let closing = format!(
            "UPDATE stripe_sync_checkpoints SET closer = {NOBODY} {OF_KEY} AND walk = ? AND closer = ?"
        );
        let owner = [Bind::integer(lease.owner)];
        self.about_slices(&slices, lease, &owner).await?;
        self.about_walk(&closing, lease, &[], &owner)
            .await
            .map(drop)
    }

    /// Runs a statement about the walk's row: binds what stands before its key, and after its token.
    pub(super) async fn about_walk(
        &self,
        sql: &str,
        lease: &WalkLease,
        before: &[Bind<'_>],
        after: &[Bind<'_>],
    ) -> Result<u64, StoreError> {
        let mut after_key = vec![Bind::integer(lease.walk)];
        after_key.extend_from_slice(after);
        self.about(sql, lease, before, &after_key).await
    }

    async fn about_slices(
        &self,
        sql: &str,
        lease: &WalkLease,
        after: &[Bind<'_>],
    ) -> Result<u64, StoreError> {
        self.about(sql, lease, &[], after).await
    }

    async fn about(
        &self,
        sql: &str,
        lease: &WalkLease,
        before: &[Bind<'_>],
        after: &[Bind<'_>],
    ) -> Result<u64, StoreError> {
        let mut binds = before.to_vec();
        binds.extend(key(lease));
        binds.extend_from_slice(after);
        let mut tries = Tries::new(&lease.table, self.kind());
        loop {
            match self.try_about(sql, &binds).await {
                Ok(touched) => return Ok(touched),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_about(&self, sql: &str, binds: &[Bind<'_>]) -> Result<u64, Fault> {
        with_connection!(self, |conn| {
            let sql = conn.sql(sql);
            Ok(conn.execute(sql, binds).await?)
        })
    }
}

/// The table, account and mode of a walk as parameters.
pub(super) fn key(lease: &WalkLease) -> [Bind<'_>; 3] {
    scope_binds(&lease.table, &lease.scope.account, lease.scope.livemode)
}

pub(super) fn lost(lease: &WalkLease) -> StoreError {
    StoreError::LeaseLost {
        table: lease.table.clone(),
    }
}

pub(super) async fn checkpoint(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
) -> Result<Option<Checkpoint>, sqlx::Error> {
    let sql = conn.sql(format!(
        "SELECT walk, format, identity, phase, watermark, finished_watermark FROM stripe_sync_checkpoints {OF_KEY}"
    ));
    let scope = target.scope;
    let binds = scope_binds(&target.table, &scope.account, scope.livemode);
    let rows = conn.fetch(sql, &binds, &[CellType::Integer; 6]).await?;
    Ok(rows.into_iter().next().map(|row| {
        let mut row = Taken::new(row);
        Checkpoint {
            walk: row.integer(),
            format: row.integer(),
            identity: row.integer(),
            phase: Phase::of(row.integer()),
            watermark: row.integer_or_null(),
            finished: row.integer_or_null(),
        }
    }))
}

/// Writes the row of a walk that begins.
async fn begin(
    conn: &mut Conn<'_>,
    lease: &WalkLease,
    identity: i64,
    finished: Option<i64>,
    exists: bool,
) -> Result<(), sqlx::Error> {
    if exists {
        let sql = conn.sql(format!("DELETE FROM stripe_sync_checkpoints {OF_KEY}"));
        conn.execute(sql, &key(lease)).await?;
    }
    let sql = conn.sql(
        "INSERT INTO stripe_sync_checkpoints \
         (table_name, account, livemode, walk, format, identity, phase, finished_watermark) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    );
    let mut binds = key(lease).to_vec();
    binds.extend([lease.walk, FORMAT, identity, Phase::Lists.number()].map(Bind::integer));
    binds.push(Bind::integer_or_null(finished));
    conn.execute(sql, &binds).await.map(drop)
}
