//! What a remap did.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::model::Model;
use crate::store::rows::Failure;
use crate::sync::report::{SHOWN_FAILURES, as_seconds};

/// The ids, and the failures, that a report keeps.
const LISTED: usize = 1_000;

/// What [`Syncer::remap`](crate::Syncer::remap) did. `Display` is for people, `Serialize` for machines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RemapReport {
    /// The struct's name.
    pub model: String,
    /// The table's name.
    pub table: String,
    /// Rows that were looked at.
    pub seen: u64,
    /// Rows that the mapping made otherwise, and that were written.
    pub updated: u64,
    /// Rows that are already as the mapping makes them.
    pub unchanged: u64,
    /// Rows that others wrote or removed each time they were looked at: they are as those left them.
    pub overtaken: u64,
    /// Rows that only a read from Stripe can make: they hold no whole object, or the mapping wants more than it has. They are
    /// as they were.
    pub unread: u64,
    /// The ids of the first 1,000 of them, for `sync_by_ids`; `Display` shows ten. `sync_all` reads all of them.
    pub unread_ids: Vec<String>,
    /// Rows whose object does not map, or that the database refused. They are as they were.
    pub failed: u64,
    /// The first 1,000 of them; `Display` shows ten.
    pub failures: Vec<Failure>,
    /// How long it took.
    #[serde(serialize_with = "as_seconds", rename = "duration_seconds")]
    pub duration: Duration,
}

impl RemapReport {
    pub(crate) fn new(model: &'static Model, table: String) -> Self {
        Self {
            model: model.name().to_owned(),
            table,
            ..Self::default()
        }
    }

    /// Whether every row is as the mapping makes it.
    pub fn is_complete(&self) -> bool {
        self.unread == 0 && self.failed == 0
    }

    pub(crate) fn fail(&mut self, failure: Failure) {
        self.failed += 1;
        if self.failures.len() < LISTED {
            self.failures.push(failure);
        }
    }

    pub(crate) fn leave_to_read(&mut self, id: String) {
        self.unread += 1;
        if self.unread_ids.len() < LISTED {
            self.unread_ids.push(id);
        }
    }
}

impl fmt::Display for RemapReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} → {}: {} seen, {} updated, {} unchanged",
            self.model, self.table, self.seen, self.updated, self.unchanged
        )?;
        for (count, what) in [
            (self.overtaken, "written by others"),
            (self.unread, "to be read from Stripe"),
            (self.failed, "failed"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        write!(f, "; {:.2} s", self.duration.as_secs_f64())?;
        let shown = &self.unread_ids[..self.unread_ids.len().min(SHOWN_FAILURES)];
        if !shown.is_empty() {
            let more = self.unread - shown.len() as u64;
            write!(f, "\n  to be read: {}", shown.join(", "))?;
            if more > 0 {
                write!(f, " and {more} more")?;
            }
            f.write_str(": `sync_all` or `sync_by_ids` reads them")?;
        }
        let shown = &self.failures[..self.failures.len().min(SHOWN_FAILURES)];
        for failure in shown {
            write!(f, "\n  failed {failure}")?;
        }
        match self.failed - shown.len() as u64 {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, RemapReport};

    #[test]
    fn a_report_says_what_is_to_be_read_and_keeps_a_part_of_it() {
        let mut report = RemapReport {
            model: "Customer".to_owned(),
            table: "customers".to_owned(),
            seen: 2_004,
            updated: 3,
            ..RemapReport::default()
        };
        assert!(report.is_complete());
        for number in 0..2_000 {
            report.leave_to_read(format!("cus_{number}"));
        }
        report.fail(Failure::whole(
            "cus_x",
            "expected text, Stripe sent an integer",
        ));
        assert_eq!(
            (report.unread_ids.len(), report.is_complete()),
            (1_000, false)
        );
        assert_eq!(
            report.to_string(),
            "Customer → customers: 2004 seen, 3 updated, 0 unchanged, 2000 to be read from Stripe, 1 failed; 0.00 s\n  \
             to be read: cus_0, cus_1, cus_2, cus_3, cus_4, cus_5, cus_6, cus_7, cus_8, cus_9 and 1990 more: `sync_all` or \
             `sync_by_ids` reads them\n  failed cus_x: expected text, Stripe sent an integer"
        );
    }
}
