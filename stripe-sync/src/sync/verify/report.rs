//! What a verification found.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::Model;
use crate::model::words::words;
use crate::store::rows::Failure;
use crate::sync::report::SHOWN_FAILURES;
use crate::sync::verify::options::VerifyOptions;
use crate::sync::verify::references::MissingReferences;

/// The drifts, and the failures, that a verification keeps.
const LISTED: usize = 1_000;

/// What a verification of a table found. `Display` is for people, `Serialize` for machines. It holds ids and the names of
/// columns, and never a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Verification {
    /// The struct's name.
    pub model: String,
    /// The table's name.
    pub table: String,
    /// What was compared.
    pub kind: VerificationKind,
    /// When it began, by the clock of the process that made it.
    #[serde(with = "rfc3339")]
    pub started_at: DateTime<Utc>,
    /// The rows of the model.
    #[serde(flatten)]
    pub counts: VerificationCounts,
    /// The first 1,000 rows that are not as Stripe has their objects; `Display` shows ten.
    pub drifts: Vec<Drift>,
    /// The first 1,000 objects that failed: they do not map, or Stripe refused to show them.
    pub failures: Vec<Failure>,
    /// The rows of its children, by model.
    pub children: Vec<ChildVerification>,
    /// The columns with ids that have no row, if [`VerifyOptions::references`] asked for them.
    pub references: Vec<MissingReferences>,
    /// What the verification could not do, in words.
    pub warnings: Vec<String>,
    /// Requests to Stripe, repeated ones included.
    pub requests: u64,
    /// How long it took.
    #[serde(with = "seconds", rename = "duration_seconds")]
    pub duration: Duration,
    /// Whether another process made it while this one waited.
    #[serde(skip)]
    pub by_another: bool,
}

/// What was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VerificationKind {
    /// Every row and column.
    Full,
    /// Only which objects have rows.
    Quick,
    /// Some rows, taken at random.
    Sample,
    /// Objects that were created since a moment.
    Since,
}

words! {
    VerificationKind: Full "full", Quick "quick", Sample "sample", Since "since"
}

impl From<&VerifyOptions> for VerificationKind {
    fn from(options: &VerifyOptions) -> Self {
        match options {
            _ if options.sample.is_some() => Self::Sample,
            _ if options.quick => Self::Quick,
            _ if options.since.is_some() => Self::Since,
            _ => Self::Full,
        }
    }
}

/// How many rows and objects of one table there are of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct VerificationCounts {
    /// Rows that are as Stripe has their objects.
    pub equal: u64,
    /// Rows with a column that Stripe says otherwise.
    pub differing: u64,
    /// Objects without a row, or whose row is marked as deleted.
    pub missing: u64,
    /// Rows whose object Stripe does not know, or that is outside the model's filter.
    pub extra: u64,
    /// Objects outside the model's filter, which have no row.
    pub outside: u64,
    /// Objects that do not map or that Stripe refuses, and rows that the bookkeeping names as failed.
    pub failed: u64,
    /// Objects without a row that a `sync` hook may have chosen not to write.
    pub not_comparable: u64,
    /// Rows that were not equal, and cannot be called drift: their objects changed at each read, or live sync has work to do
    /// for them.
    pub unsettled: u64,
    /// Of those that were differing, missing or extra: rows that were mended and are equal now.
    pub fixed: u64,
}

/// The children of a model: the elements of lists inside its objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChildVerification {
    /// The name of the children's struct.
    pub model: String,
    /// The table's name.
    pub table: String,
    /// Its rows.
    #[serde(flatten)]
    pub counts: VerificationCounts,
    /// The first 1,000 rows that are not as Stripe has them.
    pub drifts: Vec<Drift>,
    /// The first 1,000 elements that failed.
    pub failures: Vec<Failure>,
}

/// A row that is not as Stripe has its object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Drift {
    /// The object's id; of an element without one its place in the list.
    pub id: String,
    /// Of an element of a list: the id of the object with the list.
    pub parent: Option<String>,
    /// What is wrong with it.
    pub kind: DriftKind,
    /// Of a row that differs: the columns.
    pub columns: Vec<String>,
    /// Whether it was mended, and is equal now.
    pub fixed: bool,
}

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DriftKind {
    /// Some of its columns are not as Stripe says.
    Differing,
    /// Stripe has the object, and there is no row, or one that is marked as deleted.
    Missing,
    /// There is a row, and Stripe does not know the object, or it is outside the model's filter.
    Extra,
}

words! {
    DriftKind: Differing "differing", Missing "missing", Extra "extra"
}

impl VerificationCounts {
    /// Rows that are not as Stripe has their objects; those that were mended included.
    pub fn drifted(&self) -> u64 {
        self.differing + self.missing + self.extra
    }

    /// Whether nothing is left that is known to be wrong: no drift that was not mended, and no failure.
    pub fn is_equal(&self) -> bool {
        self.drifted() == self.fixed && self.failed == 0
    }
}

impl Verification {
    /// Whether the table and those of the children equal Stripe, as far as was compared: there is no drift that was not
    /// mended, and no failure. What is [unsettled](VerificationCounts::unsettled) is no drift.
    pub fn is_equal(&self) -> bool {
        let mut children = self.children.iter();
        self.counts.is_equal() && children.all(|child| child.counts.is_equal())
    }

    pub(crate) fn new(
        model: &'static Model,
        table: String,
        options: &VerifyOptions,
        started_at: DateTime<Utc>,
    ) -> Self {
        Self {
            model: model.name().to_owned(),
            table,
            kind: options.into(),
            started_at,
            counts: VerificationCounts::default(),
            drifts: Vec::new(),
            failures: Vec::new(),
            children: Vec::new(),
            references: Vec::new(),
            warnings: Vec::new(),
            requests: 0,
            duration: Duration::ZERO,
            by_another: false,
        }
    }
}

/// Keeps the first of many.
pub(crate) fn keep<T>(all: &mut Vec<T>, one: T) {
    if all.len() < LISTED {
        all.push(one);
    }
}

impl fmt::Display for VerificationCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} equal", self.equal)?;
        for (count, what) in [
            (self.differing, "differing"),
            (self.missing, "missing"),
            (self.extra, "extra"),
            (self.fixed, "fixed"),
            (self.outside, "outside the filter"),
            (self.failed, "failed"),
            (self.not_comparable, "not comparable"),
            (self.unsettled, "unsettled"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        Ok(())
    }
}

/// Some of the failures, one on each line.
fn show_failed(f: &mut fmt::Formatter<'_>, failures: &[Failure], all: u64) -> fmt::Result {
    for failure in failures.iter().take(SHOWN_FAILURES) {
        write!(f, "\n  failed {failure}")?;
    }
    match all.saturating_sub(SHOWN_FAILURES as u64) {
        0 => Ok(()),
        more => write!(f, "\n  and {more} more failed"),
    }
}

mod rfc3339 {
    use chrono::{DateTime, Utc};
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        value: &DateTime<Utc>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&value.to_rfc3339())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<DateTime<Utc>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let moment = DateTime::parse_from_rfc3339(&text).map_err(D::Error::custom)?;
        Ok(moment.to_utc())
    }
}

mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        value: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(value.as_secs_f64())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        Ok(Duration::try_from_secs_f64(seconds).unwrap_or_default())
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id)?;
        if let Some(parent) = &self.parent {
            write!(f, " of {parent}")?;
        }
        if !self.columns.is_empty() {
            write!(f, ": {}", self.columns.join(", "))?;
        }
        f.write_str(if self.fixed { " (fixed)" } else { "" })
    }
}

impl fmt::Display for ChildVerification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} → {}: {}", self.model, self.table, self.counts)?;
        show(f, &self.drifts, self.counts.drifted())?;
        show_failed(f, &self.failures, self.counts.failed)
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} → {}: {}", self.model, self.table, self.counts)?;
        if self.kind != VerificationKind::Full {
            write!(f, " ({})", self.kind)?;
        }
        let plural = if self.requests == 1 { "" } else { "s" };
        let seconds = self.duration.as_secs_f64();
        write!(f, "; {} request{plural}, {seconds:.2} s", self.requests)?;
        if self.by_another {
            f.write_str(", by another process")?;
        }
        show(f, &self.drifts, self.counts.drifted())?;
        show_failed(f, &self.failures, self.counts.failed)?;
        for child in &self.children {
            write!(f, "\n  {child}")?;
        }
        for missing in &self.references {
            write!(f, "\n  {missing}")?;
        }
        for warning in &self.warnings {
            write!(f, "\n  {warning}")?;
        }
        Ok(())
    }
}

/// Some of the drifts, one on each line.
fn show(f: &mut fmt::Formatter<'_>, drifts: &[Drift], all: u64) -> fmt::Result {
    for drift in drifts.iter().take(SHOWN_FAILURES) {
        write!(f, "\n  {drift}")?;
    }
    match all.saturating_sub(SHOWN_FAILURES as u64) {
        0 => Ok(()),
        more => write!(f, "\n  and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StripeSync;

    #[derive(StripeSync)]
    #[stripe(object = "customer", table = "customers", crate = crate)]
    struct Customer {
        #[allow(dead_code, reason = "nothing has a row here")]
        id: String,
    }

    #[test]
    fn a_verification_is_a_few_lines_and_comes_back_from_json() {
        let options = VerifyOptions::default().quick(true);
        let began = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mut verification =
            Verification::new(Customer::MODEL, "customers".to_owned(), &options, began);
        verification.counts.equal = 3;
        verification.requests = 1;
        assert!(verification.is_equal());
        let line = "Customer → customers: 3 equal (quick); 1 request, 0.00 s";
        assert_eq!(verification.to_string(), line);

        for number in 0..2_000 {
            let drift = Drift {
                id: format!("cus_{number}"),
                parent: None,
                kind: DriftKind::Differing,
                columns: vec!["email".to_owned(), "name".to_owned()],
                fixed: number == 0,
            };
            keep(&mut verification.drifts, drift);
        }
        verification.counts.differing = 2_000;
        verification.counts.fixed = 1;
        assert!(!verification.is_equal());
        assert_eq!(verification.drifts.len(), LISTED);
        let text = verification.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 12, "{text}");
        assert_eq!(lines[1], "  differing cus_0: email, name (fixed)");
        assert_eq!(lines[11], "  and 1990 more");
        let json = serde_json::to_string(&verification).unwrap();
        let back: Verification = serde_json::from_str(&json).unwrap();
        assert_eq!(back, verification);
    }
}
