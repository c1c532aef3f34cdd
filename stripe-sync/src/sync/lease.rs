//! The right to take part in a walk, for as long as a run lasts.

use std::time::{Duration, Instant};

use tracing::Instrument as _;

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
        let mut least = i64::MAX;
        loop {
            match store.open_walk(model, scope, &opening).await {
                Ok(opened) => {
                    return Ok(Self {
                        store: store.clone(),
                        lease: opened.lease,
                        held: true,
                        renewed: Instant::now(),
                        resumed: opened.resumed,
                        watermark: opened.watermark,
                    });
                }
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

    /// Renews the lease when it is time to, and then answers whether another process waits for work.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn renew(&mut self) -> Result<bool, StoreError> {
        if self.renewed.elapsed() < RENEW_EVERY {
            return Ok(false);
        }
        self.store.renew_walk(&self.lease).await?;
        let others = self.store.somebody_waits(&self.lease).await?;
        self.renewed = Instant::now();
        Ok(others)
    }

    /// Keeps the moment that was before the walk's first page.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn set_watermark(&mut self, watermark: i64) -> Result<(), StoreError> {
        self.store.set_watermark(&self.lease, watermark).await?;
        self.watermark = Some(watermark);
        Ok(())
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
        let released = match self.held {
            true => self.store.release_walk(&self.lease).await,
            false => Ok(()),
        };
        self.held = false;
        released
    }
}

impl Drop for Walking {
    fn drop(&mut self) {
        // A run that was cancelled: the next one need not wait until the lease ends by itself. Outside of a runtime it
        // does end by itself.
        if self.held
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let (store, lease) = (self.store.clone(), self.lease.clone());
            let release = async move {
                if let Err(error) = store.release_walk(&lease).await {
                    tracing::debug!(name: "stripe_sync.lease", %error, "lease not given back");
                }
            };
            runtime.spawn(release.in_current_span());
        }
    }
}
