//! The right to walk, for as long as a run lasts.

use std::time::{Duration, Instant};

use crate::model::Model;
use crate::store::{Scope, Store, StoreError, WalkLease};

/// How often a lease is renewed: several times within its life.
pub(crate) const RENEW_EVERY: Duration = Duration::from_secs(5);
/// How often a lease that another has is looked at again.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A lease that is given back when the run ends, also when its future is dropped.
pub(crate) struct Walking {
    store: Store,
    lease: Option<WalkLease>,
    renewed: Instant,
}

impl Walking {
    /// Takes the lease. One that is not renewed belonged to a process that died: it is waited for.
    ///
    /// # Errors
    /// When another walk goes, or the database fails.
    pub(crate) async fn begin(
        store: &Store,
        model: &'static Model,
        scope: &Scope,
    ) -> Result<Self, StoreError> {
        let mut least = i64::MAX;
        loop {
            let of = scope.clone();
            // Made inside the task: if the caller is dropped meanwhile, so is this, and it gives the lease back.
            let taken = store.uncut(|store| async move {
                let lease = store.acquire_walk(model, &of).await?;
                Ok(Self {
                    store,
                    lease: Some(lease),
                    renewed: Instant::now(),
                })
            });
            match taken.await {
                Ok(walking) => return Ok(walking),
                // The time that is left only grows where someone alive renews it.
                Err(StoreError::WalkRunning { seconds, .. }) if seconds <= least => least = seconds,
                Err(error) => return Err(error),
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// The lease, for the transactions that check it.
    pub(crate) fn lease(&self) -> Option<&WalkLease> {
        self.lease.as_ref()
    }

    /// Renews the lease when it is time to.
    ///
    /// # Errors
    /// When another walk has it by now, or the database fails.
    pub(crate) async fn renew(&mut self) -> Result<(), StoreError> {
        if let Some(lease) = &self.lease
            && self.renewed.elapsed() >= RENEW_EVERY
        {
            let lease = lease.clone();
            self.store
                .uncut(|store| async move { store.renew_walk(&lease).await })
                .await?;
            self.renewed = Instant::now();
        }
        Ok(())
    }

    /// Gives the lease back.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn end(mut self) -> Result<(), StoreError> {
        match self.lease.take() {
            Some(lease) => {
                self.store
                    .uncut(|store| async move { store.release_walk(&lease).await })
                    .await
            }
            None => Ok(()),
        }
    }
}

impl Drop for Walking {
    fn drop(&mut self) {
        // A run that was cancelled: the next one need not wait until the lease ends by itself. Outside of a runtime it
        // does end by itself.
        if let Some(lease) = self.lease.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let store = self.store.clone();
            runtime.spawn(async move {
                if let Err(error) = store.release_walk(&lease).await {
                    tracing::debug!(name: "stripe_sync.lease", %error, "lease not given back");
                }
            });
        }
    }
}
