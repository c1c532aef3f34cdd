//! From when on something is an alarm.

use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// How often it is looked for what is wrong. It costs a few statements.
const CHECK_EVERY: Duration = MINUTE;
/// How often an alarm that lasts is told again: as Prometheus' Alertmanager does by default.
const REPEAT_EVERY: Duration = HOUR.saturating_mul(4);
/// Stripe delivers within seconds, and tries again with growing pauses if an endpoint does not answer: within an hour more than
/// once.
const RECEIVED_WITHIN: Duration = HOUR;
/// Stripe remembers events for 30 days. Five are left to find out what is wrong, with a weekend in them.
const FOLLOWED_WITHIN: Duration = DAY.saturating_mul(25);
/// After an outage of some minutes, objects are read again within pauses that are no longer than the outage was.
const LAG: Duration = MINUTE.saturating_mul(15);

/// From when on something is an [alarm](crate::live::Alarm), and how often it is told.
///
/// ```
/// use std::time::Duration;
/// use stripe_sync::live::AlarmLimits;
///
/// let limits = AlarmLimits::default().lag(Duration::from_secs(60)).received_within(None);
/// assert_ne!(limits, AlarmLimits::default());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct AlarmLimits {
    pub(crate) check_every: Duration,
    pub(crate) repeat_every: Duration,
    pub(crate) received_within: Option<Duration>,
    pub(crate) followed_within: Duration,
    pub(crate) lag: Duration,
}

impl Default for AlarmLimits {
    fn default() -> Self {
        Self {
            check_every: CHECK_EVERY,
            repeat_every: REPEAT_EVERY,
            received_within: Some(RECEIVED_WITHIN),
            followed_within: FOLLOWED_WITHIN,
            lag: LAG,
        }
    }
}

impl AlarmLimits {
    /// How often [`run`](crate::live::Live::run) looks whether anything is wrong. Default every minute.
    pub fn check_every(mut self, every: Duration) -> Self {
        self.check_every = every;
        self
    }

    /// How often an alarm is told again while it lasts. Default every four hours.
    pub fn repeat_every(mut self, every: Duration) -> Self {
        self.repeat_every = every;
        self
    }

    /// How long events that Stripe's list shows may happen without any delivery, where deliveries are expected. Default an
    /// hour; `None` for a service that has a secret and no endpoint, or had one earlier.
    pub fn received_within(mut self, within: impl Into<Option<Duration>>) -> Self {
        self.received_within = within.into();
        self
    }

    /// How long Stripe's list of events may not be followed. Default 25 days; Stripe keeps events for 30.
    pub fn followed_within(mut self, within: Duration) -> Self {
        self.followed_within = within;
        self
    }

    /// How long an object of which an event told may wait to be read. The alarm is over when the longest wait is less than
    /// half of that. Default 15 minutes.
    pub fn lag(mut self, lag: Duration) -> Self {
        self.lag = lag;
        self
    }
}
