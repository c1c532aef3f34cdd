//! Claims that are given back when the work on them is dropped, as by an aborted [`Live::run`]: the next process need not
//! wait until they end by themselves.

use std::future::Future;
use std::ops::Deref;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::calls::lock;
use crate::live::service::Live;
use crate::store::db::{Store, StoreError};
use crate::store::events::moments::LONGEST_PAUSE;
use crate::store::events::{Claim, Message};

/// The first pause before an object that failed is tried again; it doubles from try to try.
const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// How long a claim lasts without being renewed. The object of a killed worker is free again after this time.
pub(crate) const CLAIM: Duration = Duration::from_secs(10);
// What ends later was claimed before the database's clock was set back.
const _: () = assert!(CLAIM.as_secs() <= LONGEST_PAUSE.as_secs());

/// What can be claimed.
pub(crate) trait Claimed: Clone + Send + Sync + 'static {
    /// Keeps it for as long as [`CLAIM`] from now on. Returns `false` if somebody else has it by now.
    fn renew<'c>(&'c self, store: &'c Store) -> BoxFuture<'c, Result<bool, StoreError>>;

    /// Gives it back, as if it had not been claimed.
    fn give_back(self, store: Store) -> BoxFuture<'static, Result<(), StoreError>>;
}

impl Claimed for Claim {
    fn renew<'c>(&'c self, store: &'c Store) -> BoxFuture<'c, Result<bool, StoreError>> {
        Box::pin(store.renew_claim(self, CLAIM))
    }

    fn give_back(self, store: Store) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(async move { store.release_claim(&self).await })
    }
}

impl Claimed for Message {
    fn renew<'c>(&'c self, store: &'c Store) -> BoxFuture<'c, Result<bool, StoreError>> {
        Box::pin(store.renew_message(self, CLAIM))
    }

    fn give_back(self, store: Store) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(async move { store.release_message(&self).await })
    }
}

/// A claim that this process holds.
pub(crate) struct HeldClaim<C: Claimed> {
    live: Live,
    claim: C,
    is_held: bool,
}

impl<C: Claimed> HeldClaim<C> {
    pub(crate) fn new(live: &Live, claim: C) -> Self {
        Self {
            live: live.clone(),
            claim,
            is_held: true,
        }
    }

    /// Waits for some work, beside which the claim is renewed. Returns `None` if somebody else has it by now.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn while_renewed<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> Result<Option<T>, StoreError> {
        let ended = Notify::new();
        // Each of the two may wait for a connection or a lock that the other one has.
        let mut renewing = pin!(self.renew_until(&ended));
        let done = tokio::select! {
            done = work => done,
            renewed = &mut renewing => return renewed.map(|()| None),
        };
        // A renewal that is under way is not cut off. What came of it does not matter any more.
        ended.notify_one();
        let _ = renewing.await;
        Ok(Some(done))
    }

    /// Renews the claim again and again, until somebody else has it or the work on it has ended.
    async fn renew_until(&self, ended: &Notify) -> Result<(), StoreError> {
        loop {
            tokio::select! {
                () = ended.notified() => return Ok(()),
                () = tokio::time::sleep(CLAIM / 3) => {}
            }
            if !self.claim.renew(self.live.store()).await? {
                return Ok(());
            }
        }
    }

    /// Says that the database knows what became of it, or that somebody else has it.
    pub(crate) fn settle(mut self) {
        self.is_held = false;
    }
}

impl<C: Claimed> Deref for HeldClaim<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.claim
    }
}

impl<C: Claimed> Drop for HeldClaim<C> {
    fn drop(&mut self) {
        // Outside of a runtime it ends by itself.
        if self.is_held
            && let Ok(runtime) = Handle::try_current()
        {
            let (live, claim) = (self.live.clone(), self.claim.clone());
            let giving_back = async move {
                if let Err(error) = claim.give_back(live.store().clone()).await {
                    tracing::debug!(name: "stripe_sync.claim", %error, "claim not given back");
                }
            };
            let mut releases = lock(&self.live.shared.releases);
            while releases.try_join_next().is_some() {}
            releases.spawn_on(giving_back, &runtime);
        }
    }
}

impl Live {
    /// Waits until what was dropped is given back.
    pub(crate) async fn released(&self) {
        let mut releases = std::mem::take(&mut *lock(&self.shared.releases));
        while releases.join_next().await.is_some() {}
    }
}

impl Live {
    /// The pause before something is tried again that failed so often before, or `None` if this was the last try. With jitter:
    /// objects that failed together should not be retried together.
    pub(crate) fn next_try(&self, failures: i64) -> Option<Duration> {
        let failures = u32::try_from(failures).unwrap_or(u32::MAX);
        let longest = FIRST_PAUSE
            .saturating_mul(1 << failures.min(20))
            .min(LONGEST_PAUSE);
        let pause = longest.mul_f64(0.5 + fastrand::f64() / 2.0);
        (failures.saturating_add(1) < self.shared.attempts).then_some(pause)
    }
}
