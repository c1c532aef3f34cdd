//! What comes after the lists of a walk: one process at a time has it, phase by phase.

use super::Store;
use super::binding::{Hold, hold};
use super::connection::Bind;
use super::error::StoreError;
use super::fault::{Fault, Tries};
use super::phase::Phase;
use super::target::Target;
use super::walk::{LEASE, NOBODY, WalkLease, checkpoint, key, lost};
use super::{seen, slices};
use crate::model::Model;

const OF_KEY: &str = "WHERE table_name = ? AND account = ? AND livemode = ?";

impl Store {
    /// Takes what comes after the lists into this process's hands. Answers the phase, or `None` while another process
    /// has it or lists are still to be read.
    ///
    /// # Errors
    /// When another walk followed, or the database fails.
    pub(crate) async fn claim_closing(
        &self,
        model: &'static Model,
        lease: &WalkLease,
    ) -> Result<Option<Phase>, StoreError> {
        let target = Target::new(self.kind(), model, &lease.scope)?;
        let mut tries = Tries::new(&target.table, self.kind());
        loop {
            match self.try_claim_closing(&target, lease).await {
                Ok(phase) => return Ok(phase),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_claim_closing(
        &self,
        target: &Target<'_>,
        lease: &WalkLease,
    ) -> Result<Option<Phase>, Fault> {
        let now = self.kind().dialect().now_millis;
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        hold(&mut conn, target, Hold::Alone, Some(lease)).await?;
        let phase = checkpoint(&mut conn, target).await?.map(|row| row.phase);
        match phase {
            None | Some(Phase::Done) => return Ok(Some(Phase::Done)),
            Some(Phase::Lists) if slices::undone(&mut conn, lease).await? > 0 => return Ok(None),
            _ => {}
        }
        let sql = conn.sql(format!(
            "UPDATE stripe_sync_checkpoints SET closer = ?, expires_at = {now} + {} {OF_KEY} \
             AND (closer IN ({NOBODY}, ?) OR expires_at < {now})",
            LEASE.as_millis()
        ));
        let mut binds = vec![Bind::integer(lease.owner)];
        binds.extend(key(lease));
        binds.push(Bind::integer(lease.owner));
        let claimed = conn.execute(sql, &binds).await? > 0;
        transaction.commit().await?;
        Ok(phase.filter(|_| claimed))
    }

    /// Goes on to the next phase.
    ///
    /// # Errors
    /// When the closing of the walk is no longer this process's, or the database fails.
    pub(crate) async fn enter(&self, lease: &WalkLease, phase: Phase) -> Result<(), StoreError> {
        let sql = format!(
            "UPDATE stripe_sync_checkpoints SET phase = ? {OF_KEY} AND walk = ? AND closer = ?"
        );
        let (before, after) = (Bind::integer(phase.number()), Bind::integer(lease.owner));
        match self.about_walk(&sql, lease, &[before], &[after]).await? {
            0 => Err(lost(lease)),
            _ => Ok(()),
        }
    }

    /// Ends a walk: its slices and what it saw are forgotten.
    ///
    /// # Errors
    /// As [`enter`](Self::enter).
    pub(crate) async fn end_walk(&self, lease: &WalkLease) -> Result<(), StoreError> {
        let mut tries = Tries::new(&lease.table, self.kind());
        loop {
            match self.try_end(lease).await {
                Ok(()) => return Ok(()),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    async fn try_end(&self, lease: &WalkLease) -> Result<(), Fault> {
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        let sql = conn.sql(format!(
            "UPDATE stripe_sync_checkpoints SET phase = ?, finished_watermark = watermark, closer = {NOBODY} \
             {OF_KEY} AND walk = ? AND closer = ?"
        ));
        let mut binds = vec![Bind::integer(Phase::Done.number())];
        binds.extend(key(lease));
        binds.extend([Bind::integer(lease.walk), Bind::integer(lease.owner)]);
        if conn.execute(sql, &binds).await? == 0 {
            return Err(lost(lease).into());
        }
        slices::remove(&mut conn, lease).await?;
        seen::remove(&mut conn, lease).await?;
        // Waits for the disk, and with it for every page that did not.
        transaction.commit().await?;
        Ok(())
    }
}
