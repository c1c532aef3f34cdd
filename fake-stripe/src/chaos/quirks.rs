//! Behaviours of Stripe that are allowed but rare, and those of what stands before it, as switches.

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
    /// The same for a cursor that did not end a page of that window, though one of its pages showed the object.
    pub empty_page_for_inner_cursor: bool,
    /// A cursor whose object is gone gets an empty page instead of an error.
    pub empty_page_for_vanished_cursor: bool,
    /// A page begins with the object that it is to begin after, so that each such object comes twice.
    pub overlapping_pages: bool,
    /// Lists that do not end, by the path or the template of the endpoint. Stripe has none; a proxy or a cache before it may.
    pub endless_lists: Vec<(String, EndlessList)>,
    /// By how much `total_count` of lists inside objects is wrong, in objects that are made or changed from now on.
    pub wrong_total_count: i64,
    /// Seconds of the fake's clock after which an event becomes visible in `/v1/events`; each event draws its own delay.
    pub event_delay: Range<i64>,
    /// Share of changes (0 to 1) that record a second event of the same type and object.
    pub duplicate_events: f64,
    /// Sent as `Stripe-Should-Retry` with every answer from 400 on.
    pub should_retry: Option<bool>,
    /// How many answers from now on have [`Quirks::wrong_date`] as their `Date`, as a proxy with a wrong clock writes it.
    pub wrong_dates: u32,
    /// The wrong `Date`, Unix seconds.
    pub wrong_date: i64,
}

/// How a list does not end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndlessList {
    /// Every answer is `{"data": [], "has_more": true}`.
    Empty,
    /// Whatever the cursor is, the first page comes again.
    OnePage,
    /// After its end it begins again.
    Circle,
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

    /// Sets [`Quirks::empty_page_for_inner_cursor`].
    pub fn with_empty_page_for_inner_cursor(mut self, on: bool) -> Self {
        self.empty_page_for_inner_cursor = on;
        self
    }

    /// Sets [`Quirks::empty_page_for_vanished_cursor`].
    pub fn with_empty_page_for_vanished_cursor(mut self, on: bool) -> Self {
        self.empty_page_for_vanished_cursor = on;
        self
    }

    /// Sets [`Quirks::overlapping_pages`].
    pub fn with_overlapping_pages(mut self, on: bool) -> Self {
        self.overlapping_pages = on;
        self
    }

    /// Adds one of [`Quirks::endless_lists`].
    pub fn with_endless_list(mut self, path: &str, how: EndlessList) -> Self {
        self.endless_lists.push((path.to_owned(), how));
        self
    }

    /// Sets [`Quirks::wrong_total_count`].
    pub fn with_wrong_total_count(mut self, by: i64) -> Self {
        self.wrong_total_count = by;
        self
    }

    /// How a list does not end, if it does not.
    pub(super) fn endless(&self, path: &str, template: &str) -> Option<EndlessList> {
        let mut lists = self.endless_lists.iter();
        let found = lists.find(|(of, _)| of == path || of == template);
        found.map(|(_, how)| *how)
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

    /// Sets [`Quirks::wrong_dates`] and [`Quirks::wrong_date`].
    pub fn with_wrong_dates(mut self, answers: u32, unix: i64) -> Self {
        self.wrong_dates = answers;
        self.wrong_date = unix;
        self
    }
}
