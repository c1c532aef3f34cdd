//! The history of verifications: what is kept of each, and how it is read.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::model::{Model, StripeSync};
use crate::store::db::{Scope, Store, StoreError};
#[cfg(feature = "live")]
use crate::store::tables::verifications::decisive::KindWords;
use crate::store::tables::verifications::{EndedVerification, VerificationLease, VerificationSpec};
use crate::sync::error::SyncError;
use crate::sync::syncer::Syncer;
use crate::sync::verify::report::{Verification, VerificationCounts, VerificationKind};

/// The last verification of a table, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct VerificationSummary {
    /// When it ended, by the database's clock.
    #[serde(serialize_with = "as_rfc3339")]
    pub ended_at: DateTime<Utc>,
    /// What was compared.
    pub kind: VerificationKind,
    /// Whether nothing was left that was known to be wrong: see [`Verification::is_equal`].
    pub is_equal: bool,
    /// The rows and objects of the table.
    #[serde(flatten)]
    pub counts: VerificationCounts,
    /// The rows of all its children that differed, were missing or superfluous.
    pub children_drifted: u64,
    /// Requests to Stripe.
    pub requests: u64,
}

/// What the column `verification` of `stripe_sync_tables` holds, as JSON. When it ended, another column says.
#[derive(Serialize, Deserialize)]
struct KeptSummary {
    kind: VerificationKind,
    is_equal: bool,
    #[serde(flatten)]
    counts: VerificationCounts,
    children_drifted: u64,
    requests: u64,
}

impl fmt::Display for VerificationSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let equal = if self.is_equal { "equal" } else { "not equal" };
        write!(f, "{equal} at {}", self.ended_at.to_rfc3339())?;
        match self.kind {
            VerificationKind::Full => Ok(()),
            kind => write!(f, " ({kind})"),
        }
    }
}

fn as_rfc3339<S: serde::Serializer>(
    value: &DateTime<Utc>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&value.to_rfc3339())
}

impl Syncer {
    /// What the last verification of a model's table found, whichever process made it; `None` if there was none. See the
    /// guide's page about [verifications](crate::guide::verify#history).
    ///
    /// ```no_run
    /// # use stripe_sync::{StripeSync, SyncError, Syncer};
    /// # async fn run<Customer: StripeSync>(syncer: &Syncer) -> Result<(), SyncError> {
    /// match syncer.last_verification::<Customer>().await? {
    ///     Some(verification) => println!("{}: {verification}", verification.started_at),
    ///     None => println!("never verified"),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When the account is not known, the database fails, or a newer version of `stripe-sync` made it and says what this one
    /// does not know.
    pub async fn last_verification<M: StripeSync>(
        &self,
    ) -> Result<Option<Verification>, SyncError> {
        Ok(Box::pin(newest(self, M::MODEL, 1)).await?.pop())
    }

    /// What the last `at_most` verifications of a model's table found, the newest first. The newest 400 are kept of each
    /// table, account and mode.
    ///
    /// # Errors
    /// As [`last_verification`](Self::last_verification).
    pub async fn verifications<M: StripeSync>(
        &self,
        at_most: usize,
    ) -> Result<Vec<Verification>, SyncError> {
        Box::pin(newest(self, M::MODEL, at_most)).await
    }
}

/// The newest verifications of a model's table, the newest first.
async fn newest(
    syncer: &Syncer,
    model: &'static Model,
    at_most: usize,
) -> Result<Vec<Verification>, SyncError> {
    let store = syncer.store();
    store.check_derived(model)?;
    let scope = syncer.scope().await?;
    store.prepare().await?;
    let reports = store.verification_reports(model, &scope, at_most).await?;
    let read = |report: String| Ok(read(store, &report)?);
    reports.into_iter().map(read).collect()
}

/// The last verification of a model's table, in short. The bookkeeping tables are there.
///
/// # Errors
/// When the database fails, or a newer version says what this one does not know.
pub(crate) async fn last_in_short(
    store: &Store,
    model: &'static Model,
    scope: &Scope,
) -> Result<Option<VerificationSummary>, StoreError> {
    let Some((ended_at, summary)) = store.verification_summary(model, scope).await? else {
        return Ok(None);
    };
    let kept: KeptSummary = read(store, &summary)?;
    Ok(Some(VerificationSummary {
        ended_at: DateTime::from_timestamp_millis(ended_at).unwrap_or_default(),
        kind: kept.kind,
        is_equal: kept.is_equal,
        counts: kept.counts,
        children_drifted: kept.children_drifted,
        requests: kept.requests,
    }))
}

/// What the verification that says how a table is has found.
#[derive(Debug)]
#[cfg(feature = "live")]
pub(crate) struct LastWord {
    pub(crate) ended_at: DateTime<Utc>,
    /// All of it, if the table is not equal.
    pub(crate) drift: Option<Verification>,
}

/// What is known of a model's table by verifications: by the newest one that compared everything, unless a later one found
/// something. The bookkeeping tables are there.
///
/// # Errors
/// As [`last_in_short`].
#[cfg(feature = "live")]
pub(crate) async fn last_word(
    store: &Store,
    model: &'static Model,
    scope: &Scope,
) -> Result<Option<LastWord>, StoreError> {
    let [full, random] =
        [VerificationKind::Full, VerificationKind::Sample].map(|kind| kind.to_string());
    let words = KindWords {
        full: &full,
        random: &random,
    };
    let Some(decisive) = store.decisive_verification(model, scope, words).await? else {
        return Ok(None);
    };
    let drift = match decisive.is_equal {
        true => None,
        false => of_token(store, model, scope, decisive.token).await?,
    };
    Ok(Some(LastWord {
        ended_at: DateTime::from_timestamp_millis(decisive.ended_at).unwrap_or_default(),
        drift,
    }))
}

/// What the verification with a token found; `None` if it is not kept any more.
///
/// # Errors
/// As [`last_in_short`].
pub(super) async fn of_token(
    store: &Store,
    model: &'static Model,
    scope: &Scope,
    token: i64,
) -> Result<Option<Verification>, StoreError> {
    let report = store.verification_report(model, scope, token).await?;
    report.map(|report| read(store, &report)).transpose()
}

/// Records what a verification found.
///
/// # Errors
/// When the database fails.
pub(super) async fn record(
    store: &Store,
    lease: &VerificationLease,
    spec: &VerificationSpec,
    verification: &Verification,
) -> Result<(), StoreError> {
    let children = verification.children.iter();
    let kept = KeptSummary {
        kind: verification.kind,
        is_equal: verification.is_equal(),
        counts: verification.counts,
        children_drifted: children.map(|child| child.counts.drifted()).sum(),
        requests: verification.requests,
    };
    let VerificationCounts {
        equal,
        differing,
        missing,
        extra,
        outside,
        failed,
        not_comparable,
        unsettled,
        fixed,
    } = kept.counts;
    let ended = EndedVerification {
        is_equal: kept.is_equal,
        numbers: [
            equal,
            differing,
            missing,
            extra,
            outside,
            failed,
            not_comparable,
            unsettled,
            fixed,
            kept.children_drifted,
            kept.requests,
        ],
        report: json(verification),
        summary: json(&kept),
        duration: verification.duration,
    };
    store.end_verification(lease, spec, &ended).await
}

/// As JSON. Texts, numbers and lists of these always have one.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn read<T: DeserializeOwned>(store: &Store, json: &str) -> Result<T, StoreError> {
    serde_json::from_str(json).map_err(|error| StoreError::UnexpectedRow {
        table: "stripe_sync_verifications".to_owned(),
        database: store.kind(),
        cause: error.into(),
    })
}
