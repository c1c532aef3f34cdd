//! Which events of Stripe's list are meant.

use chrono::{DateTime, Utc};

/// Events of Stripe's list that fit every condition. Without any, all of the last 30 days.
///
/// ```no_run
/// # async fn run(live: stripe_sync::live::Live) -> Result<(), stripe_sync::SyncError> {
/// use stripe_sync::webhook::ListedEvents;
///
/// // What no endpoint took.
/// live.fetch_listed(&ListedEvents::new().kind("invoice.*").only_undelivered(true)).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct ListedEvents {
    kind: Option<String>,
    only_undelivered: bool,
    since: Option<DateTime<Utc>>,
}

impl ListedEvents {
    /// Every event.
    pub fn new() -> Self {
        Self::default()
    }

    /// Events whose type fits: `invoice.paid`, or `invoice.*`.
    pub fn kind(mut self, pattern: impl Into<String>) -> Self {
        self.kind = Some(pattern.into());
        self
    }

    /// Whether only those are meant that at least one endpoint of the account did not take.
    pub fn only_undelivered(mut self, only: bool) -> Self {
        self.only_undelivered = only;
        self
    }

    /// Events that happened at a moment or after it, by Stripe's clock.
    pub fn since(mut self, moment: DateTime<Utc>) -> Self {
        self.since = Some(moment);
        self
    }

    pub(crate) fn query(&self) -> Vec<(String, String)> {
        let undelivered = self.only_undelivered.then(|| "false".to_owned());
        let since = self.since.map(|moment| moment.timestamp().to_string());
        [
            ("type", self.kind.clone()),
            ("delivery_success", undelivered),
            ("created[gte]", since),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
    }
}
