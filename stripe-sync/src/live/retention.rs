//! How long events, messages and changes are kept.

use std::time::Duration;

/// How long events are kept once they are done with, and changes; what waits is always kept.
///
/// ```
/// use std::time::Duration;
/// use stripe_sync::live::Retention;
///
/// let retention = Retention::default().changes(Duration::from_secs(3_600));
/// assert_eq!(retention.changes, Duration::from_secs(3_600));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retention {
    /// Events that are done, and those that nobody wanted.
    pub done: Duration,
    /// Dead letters, and what was to be told after a commit and no process with the handler or model was there for.
    pub dead: Duration,
    /// Changes, for those who subscribe with [`Live::changes`](crate::live::Live::changes).
    pub changes: Duration,
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
    /// Changes how long events are kept that are done, or that nobody wanted.
    #[must_use]
    pub fn done(mut self, time: Duration) -> Self {
        self.done = time;
        self
    }

    /// Changes how long dead letters are kept, and what nobody could tell.
    #[must_use]
    pub fn dead(mut self, time: Duration) -> Self {
        self.dead = time;
        self
    }

    /// Changes how long changes are kept.
    #[must_use]
    pub fn changes(mut self, time: Duration) -> Self {
        self.changes = time;
        self
    }
}
