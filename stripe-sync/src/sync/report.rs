//! What a run did.
mod children;
mod ids;

use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::model::hooks::Outcome;
use crate::model::words::words;
use crate::store::rows::Failure;
pub use children::ChildReport;
pub use ids::{IdOutcome, IdsReport};

/// The failures that `Display` shows one by one.
pub(crate) const SHOWN_FAILURES: usize = 10;
/// A run that is shorter is limited by nothing that anybody minds.
const WORTH_A_WORD: Duration = Duration::from_secs(2);
/// The failures that a report keeps; the rest are counted, and all are in the table `stripe_sync_objects`.
const LISTED_FAILURES: usize = 1_000;

/// What a run of `sync_all` or `sync_by_ids` did. `Display` is for people, `Serialize` for machines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The struct's name.
    pub model: String,
    /// The table's name.
    pub table: String,
    /// Objects that Stripe showed, each time it showed them.
    pub seen: u64,
    /// Rows that were not there before.
    pub inserted: u64,
    /// Rows that were different.
    pub updated: u64,
    /// Rows that were the same and were not written.
    pub unchanged: u64,
    /// Rows that a `sync` hook chose not to write.
    pub skipped: u64,
    /// Objects that were deleted at Stripe, and whose rows are marked or removed.
    pub deleted: u64,
    /// Rows that were marked or removed because their objects are outside the model's filter by now.
    pub left: u64,
    /// Objects that were read, are outside the model's filter, and have no row.
    pub outside: u64,
    /// Ids that neither Stripe nor the table knows.
    pub missing: u64,
    /// Whether the run went on where an earlier one was stopped, or took part in another process's.
    pub resumed: bool,
    /// Whether the run was asked to stop before its end.
    pub stopped: bool,
    /// Objects that were read again because events told of a change while the lists were read.
    pub replayed: u64,
    /// Rows that no list showed and whose objects are there all the same: they are kept, and asked for only once,
    /// unless there are lists that the key may not read.
    pub unlisted: u64,
    /// Rows that no list showed and that were not asked for, because the run's reads for that were used up.
    pub unconfirmed: u64,
    /// What the run could not do, in words.
    pub warnings: Vec<String>,
    /// Objects that failed.
    pub failed: u64,
    /// The first 1,000 of them; `Display` shows ten.
    pub failures: Vec<Failure>,
    /// The rows of its children, by model.
    pub children: Vec<ChildReport>,
    /// Requests to Stripe, repeated ones included.
    pub requests: u64,
    /// Requests that were repeated.
    pub retries: u64,
    /// Bytes of the answers' bodies, after decompression.
    pub bytes: u64,
    /// Time that requests spent waiting for the rate budget, added up over all of them.
    #[serde(serialize_with = "as_seconds", rename = "throttled_seconds")]
    pub throttled: Duration,
    /// Answers of Stripe's that said that there were too many requests.
    pub limited: u64,
    /// Time that the database was busy with what the run wrote, and with what it asked after its lists.
    #[serde(serialize_with = "as_seconds", rename = "writing_seconds")]
    pub writing: Duration,
    /// Time in which there was nothing to do but to wait for Stripe, the rate budget included.
    #[serde(serialize_with = "as_seconds", rename = "waiting_seconds")]
    pub waiting: Duration,
    /// Time that hooks were waited for.
    #[serde(serialize_with = "as_seconds", rename = "hooks_seconds")]
    pub hooks: Duration,
    /// Time that another process was waited for, which had the lists that are left.
    #[serde(serialize_with = "as_seconds", rename = "lease_seconds")]
    pub lease: Duration,
    /// How long the run took.
    #[serde(serialize_with = "as_seconds", rename = "duration_seconds")]
    pub duration: Duration,
}

/// What kept a run from being faster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Bottleneck {
    /// Stripe said that there were too many requests, and they were sent more slowly.
    StripeRate,
    /// Requests waited for the rate budget: by default Stripe's documented limits, less the headroom.
    Budget,
    /// Stripe's answers took their time, and no more could be asked for at once.
    Latency,
    /// Another process had what was left to read, or died with it and its lease had to end.
    Lease,
    /// Hooks of the application took their time.
    Hook,
    /// The database was busy.
    Database,
    /// Objects were mapped, or something else was computed.
    Processor,
}

words! {
    Bottleneck: StripeRate "Stripe's rate", Budget "the rate budget", Latency "Stripe's latency",
    Lease "another process's lease", Hook "a hook", Database "the database", Processor "the processor"
}

pub(crate) fn as_seconds<S: serde::Serializer>(
    value: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(value.as_secs_f64())
}

impl Report {
    pub(crate) fn new(model: &'static crate::model::Model, table: String) -> Self {
        Self {
            model: model.name().to_owned(),
            table,
            ..Self::default()
        }
    }

    /// Requests for each object that was seen; Stripe allots reads by the month. `None` if none was seen.
    pub fn requests_per_object(&self) -> Option<f64> {
        (self.seen > 0).then(|| self.requests as f64 / self.seen as f64)
    }

    /// What kept the run from being faster: what it waited for longest. `None` where nothing was measured.
    pub fn limited_by(&self) -> Option<Bottleneck> {
        // Several requests wait for the budget at once, and their times are added up.
        let stripe = match self.throttled * 2 < self.waiting {
            true => Bottleneck::Latency,
            false if self.limited > 0 => Bottleneck::StripeRate,
            false => Bottleneck::Budget,
        };
        let database = self.writing.saturating_sub(self.hooks);
        let known = self.lease + self.hooks + self.waiting + database;
        let times = [
            (self.duration.saturating_sub(known), Bottleneck::Processor),
            (database, Bottleneck::Database),
            (self.waiting, stripe),
            (self.hooks, Bottleneck::Hook),
            (self.lease, Bottleneck::Lease),
        ];
        let (_, longest) = times.into_iter().max_by_key(|(time, _)| *time)?;
        (!known.is_zero()).then_some(longest)
    }

    /// Rows that were written: inserted or updated.
    pub fn written(&self) -> u64 {
        self.inserted + self.updated
    }

    /// Whether the run came to its end, and every object that was seen is in the table as Stripe has it.
    pub fn is_complete(&self) -> bool {
        self.failed == 0 && !self.stopped && self.children.iter().all(|child| child.failed == 0)
    }

    pub(crate) fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Inserted => self.inserted += 1,
            Outcome::Updated => self.updated += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Skipped => self.skipped += 1,
        }
    }

    pub(crate) fn fail(&mut self, failure: Failure) {
        tracing::warn!(
            name: "stripe_sync.failed",
            model = self.model,
            id = failure.id,
            column = failure.column,
            reason = failure.reason,
            "object failed"
        );
        self.failed += 1;
        if self.failures.len() < LISTED_FAILURES {
            self.failures.push(failure);
        }
    }

    /// An object that failed in this run succeeded after all.
    pub(crate) fn clear_failure(&mut self, id: &str, failed: &mut HashSet<String>) {
        if failed.remove(id) {
            self.failed -= 1;
            self.failures.retain(|failure| failure.id != id);
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} → {}: {} seen, {} inserted, {} updated, {} unchanged",
            self.model, self.table, self.seen, self.inserted, self.updated, self.unchanged
        )?;
        for (count, what) in [
            (self.skipped, "skipped"),
            (self.deleted, "deleted"),
            (self.left, "left the filter"),
            (self.outside, "outside the filter"),
            (self.missing, "missing"),
            (self.replayed, "read again"),
            (self.unlisted, "in no list"),
            (self.unconfirmed, "unconfirmed"),
            (self.failed, "failed"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        let plural = if self.requests == 1 { "" } else { "s" };
        write!(f, "; {} request{plural}", self.requests)?;
        if self.retries > 0 {
            write!(f, " ({} repeated)", self.retries)?;
        }
        match self.bytes {
            bytes @ 0..1_000_000 => write!(f, ", {:.1} kB", bytes as f64 / 1e3)?,
            bytes => write!(f, ", {:.1} MB", bytes as f64 / 1e6)?,
        }
        write!(f, ", {:.2} s", self.duration.as_secs_f64())?;
        // Who waits longer than a moment wants to know what for.
        if let (Some(bottleneck), true) = (self.limited_by(), self.duration >= WORTH_A_WORD) {
            write!(f, ", limited by {bottleneck}")?;
        }
        if self.resumed {
            f.write_str(", resumed")?;
        }
        if self.stopped {
            f.write_str(", stopped before its end")?;
        }
        for child in &self.children {
            write!(f, "\n  {child}")?;
        }
        for warning in &self.warnings {
            write!(f, "\n  {warning}")?;
        }
        let shown = self.failures.iter().take(SHOWN_FAILURES);
        let unlisted = self.failed.saturating_sub(shown.len() as u64);
        for failure in shown {
            write!(f, "\n  failed {failure}")?;
        }
        if unlisted > 0 {
            write!(
                f,
                "\n  and {unlisted} more in the table stripe_sync_objects"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_limits_a_run_is_what_it_waits_for_most() {
        let run = |[writing, waiting, throttled, hooks, lease]: [u64; 5]| {
            let seconds = Duration::from_secs;
            let report = Report {
                writing: seconds(writing),
                waiting: seconds(waiting),
                throttled: seconds(throttled),
                hooks: seconds(hooks),
                lease: seconds(lease),
                duration: seconds(10),
                ..Report::default()
            };
            report.limited_by()
        };
        for (times, expected) in [
            ([0, 0, 0, 0, 0], None),
            ([1, 1, 0, 0, 0], Some(Bottleneck::Processor)),
            ([7, 1, 0, 0, 0], Some(Bottleneck::Database)),
            ([1, 7, 0, 0, 0], Some(Bottleneck::Latency)),
            ([1, 7, 9, 0, 0], Some(Bottleneck::Budget)),
            // A hook within a transaction is no fault of the database's.
            ([7, 1, 0, 6, 0], Some(Bottleneck::Hook)),
            ([1, 7, 9, 0, 8], Some(Bottleneck::Lease)),
            // All of it was another process's to read.
            ([0, 0, 0, 0, 9], Some(Bottleneck::Lease)),
            // Less than half of the run, and more than anything else.
            ([3, 1, 0, 1, 4], Some(Bottleneck::Lease)),
            ([1, 4, 1, 1, 1], Some(Bottleneck::Latency)),
            ([1, 4, 4, 1, 1], Some(Bottleneck::Budget)),
            ([1, 1, 0, 4, 1], Some(Bottleneck::Hook)),
            ([4, 2, 0, 0, 1], Some(Bottleneck::Database)),
        ] {
            assert_eq!(run(times), expected, "{times:?}");
        }
    }
}
