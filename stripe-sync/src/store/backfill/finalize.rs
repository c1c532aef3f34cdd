//! What comes after the lists of a run: one process at a time has it, phase by phase.

use crate::model::Model;
use crate::store::backfill::run::{LEASE, checkpoint};
use crate::store::backfill::{BackfillPhase, NOBODY, slices};
use crate::store::db::{Bind, Conn, OF_KEY, Store, StoreError, TxError, query, transaction};
use crate::store::tables::lock::hold;
use crate::store::tables::{Hold, RunLease};

impl Store {
    /// Takes what comes after the lists into this process's hands. Returns the phase, or `None` while another process
    /// has it or lists are still to be read.
    ///
    /// # Errors
    /// When another run followed, or the database fails.
    pub(crate) async fn claim_finalizer(
        &self,
        model: &'static Model,
        lease: &RunLease,
    ) -> Result<Option<BackfillPhase>, StoreError> {
        let target = self.target(model, &lease.scope)?;
        let claim = format!(
            "UPDATE $tables SET finalizer = ?, expires_at = {} {OF_KEY} \
             AND (finalizer IN ({NOBODY}, ?) OR expires_at < {})",
            self.kind().in_future(LEASE),
            self.kind().dialect().now_millis
        );
        let owner = [Bind::integer(lease.owner)];
        let binds = lease.around(&owner, &owner);
        transaction!(self, target.table(), async |conn| {
            hold(conn, &target, Hold::Alone, Some(lease)).await?;
            let found = checkpoint(conn, &target).await?;
            let phase = found.map_or(BackfillPhase::Ended, |row| row.phase);
            match phase {
                BackfillPhase::Ended => return Ok(Some(phase)),
                BackfillPhase::Lists if slices::undone(conn, lease).await? > 0 => return Ok(None),
                _ => {}
            }
            let claimed = conn.execute(&claim, &binds).await? > 0;
            Ok(claimed.then_some(phase))
        })
    }

    /// Goes on to the next phase.
    ///
    /// # Errors
    /// When what comes after the lists is no longer in this process's hands, or the database fails.
    pub(crate) async fn enter(
        &self,
        lease: &RunLease,
        phase: BackfillPhase,
    ) -> Result<(), StoreError> {
        query!(self, &lease.table, async |conn| {
            set_phase(conn, lease, phase, "").await
        })
    }

    /// Ends a run: its slices and what it saw are removed. The row says who ended it, who finds it so when the answer
    /// to the COMMIT was lost. A run through a part of its lists is `partial`: it says nothing about the rest.
    ///
    /// # Errors
    /// As [`enter`](Self::enter).
    pub(crate) async fn end_run(&self, lease: &RunLease, partial: bool) -> Result<(), StoreError> {
        let set = match partial {
            true => "",
            false => ", finished_watermark = watermark",
        };
        // Its commit waits for the disk, and with it for every page that did not.
        transaction!(self, &lease.table, async |conn| {
            set_phase(conn, lease, BackfillPhase::Ended, set).await?;
            slices::forget(conn, lease).await
        })
    }
}

/// Sets the phase, if this process is the run's finalizer.
async fn set_phase(
    conn: &mut Conn<'_>,
    lease: &RunLease,
    phase: BackfillPhase,
    set: &str,
) -> Result<(), TxError> {
    let sql = format!("UPDATE $tables SET phase = ?{set} {OF_KEY} AND run = ? AND finalizer = ?");
    let own = [lease.run, lease.owner].map(Bind::integer);
    let binds = lease.around(&[Bind::integer(phase.number())], &own);
    match conn.execute(sql, &binds).await? {
        0 => Err(lease.lost().into()),
        _ => Ok(()),
    }
}
