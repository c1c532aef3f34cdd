//! Behaviours of Stripe that are allowed but rare, and those of what stands before it, as switches.

use std::ops::Range;

/// Rare but allowed behaviours of lists and events. All are off by default.
///
/// ```
/// use fake_stripe::Quirks;
/// let quirks = Quirks::new().short_pages(0.2).empty_page_for_foreign_cursor(true);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[must_use]
pub struct Quirks {
    pub(crate) short_pages: f64,
    pub(crate) empty_page_for_foreign_cursor: bool,
    pub(crate) empty_page_for_inner_cursor: bool,
    pub(crate) empty_page_for_vanished_cursor: bool,
    pub(crate) overlapping_pages: bool,
    pub(crate) endless_lists: Vec<(String, EndlessList)>,
    pub(crate) wrong_total_count: i64,
    pub(crate) event_delay: Range<i64>,
    pub(crate) duplicate_events: f64,
    pub(crate) should_retry: Option<bool>,
    pub(crate) wrong_dates: u32,
    pub(crate) wrong_date: i64,
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

    /// Share of pages (0 to 1) that hold fewer objects than asked for although more follow (`has_more: true`).
    pub fn short_pages(mut self, share: f64) -> Self {
        self.short_pages = share;
        self
    }

    /// A cursor used with a `created` window that it was not answered under gets an empty page instead of its continuation.
    pub fn empty_page_for_foreign_cursor(mut self, on: bool) -> Self {
        self.empty_page_for_foreign_cursor = on;
        self
    }

    /// The same for a cursor that did not end a page of that window, though one of its pages showed the object.
    pub fn empty_page_for_inner_cursor(mut self, on: bool) -> Self {
        self.empty_page_for_inner_cursor = on;
        self
    }

    /// A cursor whose object is gone gets an empty page instead of an error.
    pub fn empty_page_for_vanished_cursor(mut self, on: bool) -> Self {
        self.empty_page_for_vanished_cursor = on;
        self
    }

    /// A page begins with the object that it is to begin after, so that each such object comes twice.
    pub fn overlapping_pages(mut self, on: bool) -> Self {
        self.overlapping_pages = on;
        self
    }

    /// A list that does not end, by the path or the template of its endpoint. Stripe has none; a proxy or a cache before it
    /// may. Each call adds one.
    pub fn endless_list(mut self, path: &str, how: EndlessList) -> Self {
        self.endless_lists.push((path.to_owned(), how));
        self
    }

    /// By how much `total_count` of lists inside objects is wrong, in objects that are made or changed from now on.
    pub fn wrong_total_count(mut self, by: i64) -> Self {
        self.wrong_total_count = by;
        self
    }

    /// Seconds of the fake's clock after which an event becomes visible in `/v1/events`; each event draws its own delay.
    pub fn event_delay(mut self, seconds: Range<i64>) -> Self {
        self.event_delay = seconds;
        self
    }

    /// Share of changes (0 to 1) that record a second event of the same type and object.
    pub fn duplicate_events(mut self, share: f64) -> Self {
        self.duplicate_events = share;
        self
    }

    /// Sent as `Stripe-Should-Retry` with every answer from 400 on.
    pub fn should_retry(mut self, value: bool) -> Self {
        self.should_retry = Some(value);
        self
    }

    /// So many answers from now on have this `Date`, Unix seconds, as a proxy with a wrong clock writes it.
    pub fn wrong_dates(mut self, answers: u32, unix: i64) -> Self {
        self.wrong_dates = answers;
        self.wrong_date = unix;
        self
    }

    /// How a list does not end, if it does not.
    pub(crate) fn endless(&self, path: &str, template: &str) -> Option<EndlessList> {
        let mut lists = self.endless_lists.iter();
        let found = lists.find(|(of, _)| of == path || of == template);
        found.map(|(_, how)| *how)
    }
}
