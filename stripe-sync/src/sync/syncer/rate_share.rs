//! The part of an account's rate that this process takes while it runs, beside others that do the same.

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::calls::lock;
use crate::client::Stripe;
use crate::store::backfill::rate_members::Share;
use crate::store::db::{Scope, Store};

use crate::sync::syncer::Syncer;

/// When a share is taken, and how often it is renewed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) first: Duration,
    pub(crate) renew: Duration,
}

/// A run that is shorter than the first second does without: dividing would cost more than it has to divide. A lease is
/// renewed several times within its life, and each time the others are counted again.
const PACE: Pace = Pace {
    first: Duration::from_secs(1),
    renew: Duration::from_secs(5),
};

/// A share of an account's rate. Dropping it gives the share back.
#[derive(Debug)]
pub(crate) struct Sharing {
    /// Nothing is sent: that it is gone is the message.
    _held: oneshot::Sender<()>,
}

/// The one share of all runs that a syncer has at a time.
pub(crate) type SharedSharing = Mutex<Weak<Sharing>>;

impl Syncer {
    /// The share of this syncer's runs; the first one that runs takes it, the last one gives it back. None where there is
    /// no limit to divide.
    pub(crate) fn sharing(&self, scope: &Scope) -> Option<Arc<Sharing>> {
        let stripe = self.stripe();
        if !stripe.is_limited() {
            return None;
        }
        let mut held = lock(&self.shared.sharing);
        Some(held.upgrade().unwrap_or_else(|| {
            let sharing = Arc::new(Sharing::begin(stripe, self.store(), scope, PACE));
            *held = Arc::downgrade(&sharing);
            sharing
        }))
    }
}

impl Sharing {
    /// Takes a share, in a task of its own and in no span: it may outlive the run that took it. The bookkeeping tables must
    /// exist.
    pub(crate) fn begin(stripe: &Stripe, store: &Store, scope: &Scope, pace: Pace) -> Self {
        let (held, dropped) = oneshot::channel();
        let name = format!("{}-{:016x}", std::process::id(), stripe.budget_id());
        let share = Share::new(scope.clone(), name);
        tokio::spawn(keep(stripe.clone(), store.clone(), share, pace, dropped));
        Self { _held: held }
    }
}

/// Holds a share until the other end is dropped. No statement of it is cut off, and no failure of it fails a run: as long
/// as the database does not answer, the last count is as good as any.
async fn keep(
    stripe: Stripe,
    store: Store,
    share: Share,
    pace: Pace,
    mut dropped: oneshot::Receiver<()>,
) {
    if timeout(pace.first, &mut dropped).await.is_ok() {
        return;
    }
    let mut parts = 1;
    let mut counted = store.join_share(&share).await;
    loop {
        match counted {
            Ok(now) => {
                if now != parts {
                    tracing::debug!(name: "stripe_sync.share", parts = now, "rate divided");
                }
                parts = now;
                stripe.set_share(parts);
            }
            Err(error) => {
                tracing::warn!(name: "stripe_sync.share", %error, "share not renewed");
            }
        }
        if timeout(pace.renew, &mut dropped).await.is_ok() {
            break;
        }
        counted = store.renew_share(&share).await;
    }
    stripe.set_share(1);
    if let Err(error) = store.leave_share(&share).await {
        tracing::debug!(name: "stripe_sync.share", %error, "share not given back");
    }
}
