//! How long events, messages and changes are kept.

use std::time::Duration;

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
    pub(crate) done: Duration,
    /// Dead letters, and what was to be delivered after a commit and no process with the handler or model was there for.
    pub(crate) dead: Duration,
    /// Changes, for those who subscribe with [`Live::changes`](crate::live::Live::changes).
    pub(crate) changes: Duration,
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

    /// How long changes are kept, for those who subscribe with [`Live::changes`](crate::live::Live::changes).
    pub fn changes(mut self, time: Duration) -> Self {
        self.changes = time;
        self
    }
}
