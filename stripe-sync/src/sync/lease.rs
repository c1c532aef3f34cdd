//! The right to take part in a walk, for as long as a run lasts.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::model::Model;
use crate::store::{Opening, Scope, Store, StoreError, WalkLease};

/// How often a lease is renewed: several times within its life, and as often as one looks whether others wait for work.
pub(crate) const RENEW_EVERY: Duration = Duration::from_secs(2);
/// How often what another process has is looked at again.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A part in a walk that is given back when the run ends, also when its future is dropped.
pub(crate) struct Walking {
    store: Store,
    lease: WalkLease,
    held: bool,
    /// Dies with this: a claim that commits afterwards is given back by its own task.
    alive: Arc<()>,
    renewed: Instant,
    /// Whether the walk had begun before.
    pub(crate) resumed: bool,
    /// The moment, in unix seconds of Stripe's clock, that was before the walk's first page, if it is known.
    pub(crate) watermark: Option<i64>,
}

impl Walking {
    /// Begins a walk or takes part in one. One with other settings, whose processes died, is waited for.
    ///
    /// # Errors
    /// When a walk with other settings goes, or the database fails.
    pub(crate) async fn begin(
        store: &Store,
        model: &'static Model,
        scope: &Scope,
        opening: Opening,
    ) -> Result<Self, StoreError> {
        let opening = Arc::new(opening);
        let mut least = i64::MAX;
        loop {
            let (of, opening) = (scope.clone(), Arc::clone(&opening));
            let opened = store.uncut(move |store| async move {
                let opened = store.open_walk(model, &of, &opening).await?;
                Ok(Self {
                    store,
                    lease: opened.lease,
                    held: true,
                    alive: Arc::default(),
                    renewed: Instant::now(),
                    resumed: opened.resumed,
                    watermark: opened.watermark,
                })
            });
            match opened.await {
                Ok(walking) => return Ok(walking),
                // The time that is left only grows where someone alive renews it.
                Err(StoreError::WalkRunning { seconds, .. }) if seconds <= least => least = seconds,
                Err(error) => return Err(error),
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// The lease, for the transactions that check it.
    pub(crate) fn lease(&self) -> &WalkLease {
        &self.lease
    }

    /// Claims something of the walk.
    ///
    /// # Errors
    /// Those of the claim.
    pub(crate) async fn claim<T, F>(
        &self,
        claim: impl FnOnce(Store, WalkLease) -> F + Send + 'static,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        let (lease, alive) = (self.lease.clone(), Arc::downgrade(&self.alive));
        let claimed = self.store.uncut(|store| async move {
            let claimed = claim(store.clone(), lease.clone()).await;
            if alive.upgrade().is_none() {
                store.release_walk(&lease).await?;
            }
            claimed
        });
        claimed.await
    }

    /// Renews the lease when it is time to, and then answers whether another process waits for work.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn renew(&mut self) -> Result<bool, StoreError> {
        if self.renewed.elapsed() < RENEW_EVERY {
            return Ok(false);
        }
        let lease = self.lease.clone();
        let others = self.store.uncut(|store| async move {
            store.renew_walk(&lease).await?;
            store.somebody_waits(&lease).await
        });
        let others = others.await?;
        self.renewed = Instant::now();
        Ok(others)
    }

    /// Nothing of the walk is left that could be held.
    pub(crate) fn has_ended(&mut self) {
        self.held = false;
    }

    /// Gives back what is held.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn end(mut self) -> Result<(), StoreError> {
        if !std::mem::take(&mut self.held) {
            return Ok(());
        }
        let lease = self.lease.clone();
        self.store
            .uncut(|store| async move { store.release_walk(&lease).await })
            .await
    }
}

impl Drop for Walking {
    fn drop(&mut self) {
        // First, so that a claim which commits from now on gives itself back.
        self.alive = Arc::default();
        // A run that was cancelled: the next one need not wait until the lease ends by itself. Outside of a runtime it
        // does end by itself.
        if self.held
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let (store, lease) = (self.store.clone(), self.lease.clone());
            runtime.spawn(async move {
                if let Err(error) = store.release_walk(&lease).await {
                    tracing::debug!(name: "stripe_sync.lease", %error, "lease not given back");
                }
            });
        }
    }
}
