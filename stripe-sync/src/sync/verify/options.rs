//! How a verification works.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// How long two reads that say the same of an object are apart at the least, before a row that says otherwise is drift. An
/// event is delivered and worked on within seconds; this is what live sync may take.
const GRACE: Duration = Duration::from_secs(30);
/// The longest wait between two reads, so that a moment after it can be computed.
const LONGEST_GRACE: Duration = Duration::from_secs(86_400);

/// What a verification compares, and what it does about drift.
///
/// ```
/// use stripe_sync::VerifyOptions;
///
/// let options = VerifyOptions::default().fix(true).references(true);
/// # let _ = options;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct VerifyOptions {
    pub(crate) fix: bool,
    pub(crate) quick: bool,
    pub(crate) sample: Option<u64>,
    /// The moment before which nothing is compared, in unix seconds.
    pub(crate) since: Option<i64>,
    pub(crate) references: bool,
    pub(crate) grace: Duration,
    /// A column that is not compared, by its name.
    pub(crate) blind_in: Option<&'static str>,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self {
            fix: false,
            quick: false,
            sample: None,
            since: None,
            references: false,
            grace: GRACE,
            blind_in: None,
        }
    }
}

impl VerifyOptions {
    /// Drift is mended: each object with drift is read and written by the rule of freshness, with `sync` hooks and
    /// `after_commit`, and verified again.
    pub fn fix(mut self, fix: bool) -> Self {
        self.fix = fix;
        self
    }

    /// Only which objects have rows is compared, not their columns, nor the children. The lists are read as a whole all the
    /// same.
    pub fn quick(mut self, quick: bool) -> Self {
        self.quick = quick;
        self
    }

    /// Only so many rows, taken at random from the table, each with a read of its object. What has no row is not found.
    pub fn sample(mut self, rows: u64) -> Self {
        self.sample = Some(rows);
        self
    }

    /// Only what was created at a moment or after it, and what lists without a `created` filter show. Rows of objects that
    /// are gone are not looked for.
    pub fn since(mut self, moment: DateTime<Utc>) -> Self {
        self.since = Some(moment.timestamp());
        self
    }

    /// Ids in columns with `#[stripe(references = ...)]` are looked for in the tables that they refer to, too.
    pub fn references(mut self, references: bool) -> Self {
        self.references = references;
        self
    }

    /// How long after a first read that does not agree with its row the second one is made. A row is drift only if both
    /// agree with each other. Default 30 seconds: what live sync needs for an event. A day at the most: what is longer counts
    /// as a day.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace.min(LONGEST_GRACE);
        self
    }

    /// A column that is not compared, so that a test can show that something compares it.
    #[cfg(feature = "testing")]
    #[doc(hidden)]
    pub fn blind_in(mut self, column: &'static str) -> Self {
        self.blind_in = Some(column);
        self
    }
}
