//! The right to take part in a backfill run, for as long as this process does.

use std::time::{Duration, Instant};

use tokio::task::AbortHandle;
use tracing::Instrument as _;

use crate::store::backfill::run::RunSpec;
use crate::store::db::{Store, StoreError};
use crate::store::tables::RunLease;

use crate::sync::object::ModelRun;

/// How often a lease is renewed, several times within its life, and how often one looks whether others wait for work.
pub(crate) const RENEW_EVERY: Duration = Duration::from_secs(2);
/// How often the slices that another process has are asked for again.
pub(crate) const POLL_SLICES: Duration = Duration::from_millis(500);

/// A part in a run that is given back when the run ends, also when its future is dropped.
pub(crate) struct RunGuard {
    store: Store,
    lease: RunLease,
    held: bool,
    /// When it was looked last whether others wait for work.
    looked: Instant,
    /// What renews the lease, whatever the run waits for: a slow hook, Stripe, or a lock.
    renewal: AbortHandle,
    /// Whether the run had begun before.
    pub(crate) resumed: bool,
    /// The moment, in unix seconds of Stripe's clock, that was before the run's first page, if it is known.
    pub(crate) watermark: Option<i64>,
}

impl RunGuard {
    /// Begins a run or takes part in one. One with other settings, whose processes died, is waited for.
    ///
    /// # Errors
    /// When a run with other settings goes, or the database fails.
    pub(crate) async fn begin(
        run: &ModelRun<'_>,
        opening: RunSpec,
        waiting: impl Fn(),
    ) -> Result<Self, StoreError> {
        let store = run.store();
        let mut least = i64::MAX;
        let mut is_said = false;
        loop {
            match store.open_run(run.model, &run.scope, &opening).await {
                Ok(opened) => {
                    return Ok(Self {
                        store: store.clone(),
                        renewal: renew(store.clone(), opened.lease.clone()),
                        lease: opened.lease,
                        held: true,
                        looked: Instant::now(),
                        resumed: opened.resumed,
                        watermark: opened.watermark,
                    });
                }
                // The time that is left only grows where someone alive renews it.
                Err(StoreError::WalkRunning {
                    table,
                    holder,
                    seconds,
                }) if seconds <= least => {
                    least = seconds;
                    if !std::mem::replace(&mut is_said, true) {
                        tracing::info!(
                            name: "stripe_sync.waiting",
                            table,
                            holder,
                            seconds,
                            "a run of another process has the table, or died with it: its lease is waited for"
                        );
                    }
                }
                Err(error) => return Err(error),
            }
            waiting();
            tokio::time::sleep(POLL_SLICES).await;
        }
    }

    /// The lease, for the transactions that check it.
    pub(crate) fn lease(&self) -> &RunLease {
        &self.lease
    }

    /// Returns whether another process waits for work, when it is time to look.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn somebody_waits(&mut self) -> Result<bool, StoreError> {
        if self.looked.elapsed() < RENEW_EVERY {
            return Ok(false);
        }
        self.looked = Instant::now();
        self.store.somebody_waits(&self.lease).await
    }

    /// Keeps the moment that was before the run's first page.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn set_watermark(&mut self, watermark: i64) -> Result<(), StoreError> {
        self.store.set_watermark(&self.lease, watermark).await?;
        self.watermark = Some(watermark);
        Ok(())
    }

    /// Nothing of the run is left that could be held.
    pub(crate) fn has_ended(&mut self) {
        self.held = false;
    }

    /// Gives back what is held.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn end(mut self) -> Result<(), StoreError> {
        let released = match self.held {
            true => self.store.release_run(&self.lease).await,
            false => Ok(()),
        };
        self.held = false;
        released
    }
}

impl Drop for RunGuard {
    fn drop(&mut self) {
        self.renewal.abort();
        // A run that was cancelled: the next one need not wait until the lease ends by itself. Outside of a runtime it
        // does end by itself.
        if self.held
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let (store, lease) = (self.store.clone(), self.lease.clone());
            let release = async move {
                if let Err(error) = store.release_run(&lease).await {
                    tracing::debug!(name: "stripe_sync.lease", %error, "lease not given back");
                }
            };
            runtime.spawn(release.in_current_span());
        }
    }
}

/// Renews a lease again and again, until it is asked to stop.
fn renew(store: Store, lease: RunLease) -> AbortHandle {
    let renewing = async move {
        loop {
            tokio::time::sleep(RENEW_EVERY).await;
            if let Err(error) = store.renew_run(&lease).await {
                tracing::debug!(name: "stripe_sync.lease", %error, "lease not renewed");
            }
        }
    };
    tokio::spawn(renewing.in_current_span()).abort_handle()
}
