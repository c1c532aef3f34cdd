//! How long events, messages and changes are kept.

use std::time::Duration;

use crate::live::builder::Live;
use crate::store::events::inbox::EventState;
use crate::sync::error::SyncError;

/// How long events are kept once they are done with, and changes; what waits is always kept.
///
/// ```
/// use std::time::Duration;
/// use stripe_sync::live::Retention;
///
/// let retention = Retention::default().changes(Duration::from_secs(3_600));
/// assert_ne!(retention, Retention::default());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Retention {
    /// Events that are done, and those that nobody wanted.
    done: Duration,
    /// Dead letters, and what was to be delivered after a commit and no process with the handler or model was there for.
    dead: Duration,
    /// Changes.
    changes: Duration,
}

impl Default for Retention {
    /// 35 days for what is done, so that an event is known as long as Stripe may bring it again; 90 days for dead letters;
    /// three days for changes, so that a subscriber who stood still over a weekend misses none.
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(86_400);
        Self {
            done: DAY * 35,
            dead: DAY * 90,
            changes: DAY * 3,
        }
    }
}

impl Retention {
    /// How long events are kept that are done, or that nobody wanted.
    pub fn done(mut self, time: Duration) -> Self {
        self.done = time;
        self
    }

    /// How long dead letters are kept, and what nobody could deliver.
    pub fn dead(mut self, time: Duration) -> Self {
        self.dead = time;
        self
    }

    /// How long changes are kept, for those who subscribe with [`Live::changes`].
    pub fn changes(mut self, time: Duration) -> Self {
        self.changes = time;
        self
    }
}

impl Live {
    /// Removes events and changes that are older than the retention says, and what nobody could deliver for so long; returns
    /// how many events and messages.
    /// [`run`](Self::run) does so every hour.
    ///
    /// An event whose handler still fails is kept until it was delivered.
    ///
    /// # Errors
    /// When the account is not known, or the database fails.
    pub async fn purge_expired(&self) -> Result<u64, SyncError> {
        let own = self.prepare().await?;
        let Retention {
            done,
            dead,
            changes,
        } = self.shared.retention;
        let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 2);
        let (store, livemode) = (self.store(), own.livemode);
        // First: events that wait for nothing else go too.
        let mut purged = store
            .purge_messages(livemode, &self.tellable(), millis(dead))
            .await?;
        for (state, age) in [
            (EventState::Done, done),
            (EventState::Ignored, done),
            (EventState::Dead, dead),
        ] {
            purged += store.purge_events(livemode, state, millis(age)).await?;
        }
        store.purge_changes(livemode, millis(changes)).await?;
        Ok(purged)
    }
}
