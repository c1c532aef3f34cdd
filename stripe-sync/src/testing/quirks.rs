//! Behaviours of Stripe that are allowed but rare, as switches.

use std::ops::Range;

/// Rare but allowed behaviours of lists and events. All are off by default.
///
/// ```
/// use stripe_sync::testing::Quirks;
/// let quirks = Quirks::new().with_short_pages(0.2).with_empty_page_for_foreign_cursor(true);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Quirks {
    /// Share of pages (0 to 1) that hold fewer objects than asked for although more follow (`has_more: true`).
    pub short_pages: f64,
    /// A cursor used with a `created` window that it was not answered under gets an empty page instead of its continuation.
    pub empty_page_for_foreign_cursor: bool,
    /// Seconds of the fake's clock after which an event becomes visible in `/v1/events`; each event draws its own delay.
    pub event_delay: Range<i64>,
    /// Share of changes (0 to 1) that record a second event of the same type and object.
    pub duplicate_events: f64,
    /// Sent as `Stripe-Should-Retry` with every answer from 400 on.
    pub should_retry: Option<bool>,
}

impl Quirks {
    /// No quirks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`Quirks::short_pages`].
    pub fn with_short_pages(mut self, share: f64) -> Self {
        self.short_pages = share;
        self
    }

    /// Sets [`Quirks::empty_page_for_foreign_cursor`].
    pub fn with_empty_page_for_foreign_cursor(mut self, on: bool) -> Self {
        self.empty_page_for_foreign_cursor = on;
        self
    }

    /// Sets [`Quirks::event_delay`], in seconds.
    pub fn with_event_delay(mut self, seconds: Range<i64>) -> Self {
        self.event_delay = seconds;
        self
    }

    /// Sets [`Quirks::duplicate_events`].
    pub fn with_duplicate_events(mut self, share: f64) -> Self {
        self.duplicate_events = share;
        self
    }

    /// Sets [`Quirks::should_retry`].
    pub fn with_should_retry(mut self, value: bool) -> Self {
        self.should_retry = Some(value);
        self
    }
}
