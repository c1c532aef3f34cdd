//! What became of objects that were asked for by their ids.

use std::fmt;

use serde::Serialize;

use crate::model::hooks::Outcome;
use crate::store::rows::Failure;
use crate::sync::report::Report;

/// The outcome of one id of `sync_by_ids`, or of the object of `sync`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IdOutcome {
    /// There was no row; now there is.
    Inserted,
    /// The row was different and was written.
    Updated,
    /// The row was the same.
    Unchanged,
    /// A `sync` hook chose not to write the row.
    Skipped,
    /// The object is deleted at Stripe; the row is marked or removed.
    Deleted,
    /// Stripe has the object, and it is outside the model's filter: there is no row, or it was marked or removed.
    OutsideFilter,
    /// Neither Stripe nor the table knows the id.
    Missing,
    /// The object failed; an old row stays as it was.
    Failed(Failure),
}

impl fmt::Display for IdOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inserted => f.pad("inserted"),
            Self::Updated => f.pad("updated"),
            Self::Unchanged => f.pad("unchanged"),
            Self::Skipped => f.pad("skipped"),
            Self::Deleted => f.pad("deleted"),
            Self::OutsideFilter => f.pad("outside the filter"),
            Self::Missing => f.pad("missing"),
            Self::Failed(failure) => write!(f, "failed {failure}"),
        }
    }
}

impl IdOutcome {
    /// The failure, if the object failed.
    pub(crate) fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl From<Outcome> for IdOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Inserted => Self::Inserted,
            Outcome::Updated => Self::Updated,
            Outcome::Unchanged => Self::Unchanged,
            Outcome::Skipped => Self::Skipped,
        }
    }
}

/// The report of `sync_by_ids`, with what became of each id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct IdsReport {
    /// The counts.
    #[serde(flatten)]
    pub report: Report,
    /// Each id once, in the order in which they were first given.
    pub outcomes: Vec<(String, IdOutcome)>,
}

impl IdsReport {
    /// The outcome of one id; `None` if it was not asked for.
    pub fn outcome(&self, id: &str) -> Option<&IdOutcome> {
        self.outcomes
            .iter()
            .find_map(|(known, outcome)| (known == id).then_some(outcome))
    }
}

impl std::ops::Deref for IdsReport {
    type Target = Report;
    fn deref(&self) -> &Report {
        &self.report
    }
}

impl fmt::Display for IdsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report.fmt(f)
    }
}
