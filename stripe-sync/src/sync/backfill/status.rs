//! How far a run is, for people and programs that look on.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::model::Model;
use crate::store::backfill::BackfillPhase;

use crate::sync::error::SyncError;
use crate::sync::syncer::Syncer;

/// How far the newest `sync_all` of a model is, whichever process runs it, also while none does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BackfillStatus {
    /// What it does, or would do next.
    pub phase: BackfillPhase,
    /// Parts into which its lists are split.
    pub slices: u64,
    /// Parts that are read to their end.
    pub slices_done: u64,
    /// List pages that are in the table.
    pub pages: u64,
    /// Objects on those pages.
    pub objects: u64,
    /// Stripe's clock before the first page: later changes are known from events.
    #[serde(serialize_with = "as_rfc3339")]
    pub watermark: Option<DateTime<Utc>>,
    /// The same of the newest run that ended: what `SyncAllOptions::incremental` begins at.
    #[serde(serialize_with = "as_rfc3339")]
    pub finished: Option<DateTime<Utc>>,
}

impl fmt::Display for BackfillStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} of {} parts read, {} pages, {} objects",
            self.phase, self.slices_done, self.slices, self.pages, self.objects
        )?;
        match self.finished {
            Some(finished) => write!(f, "; last finished at {}", finished.to_rfc3339()),
            None => Ok(()),
        }
    }
}

fn as_rfc3339<S: serde::Serializer>(
    value: &Option<DateTime<Utc>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    value.map(|time| time.to_rfc3339()).serialize(serializer)
}

pub(crate) async fn state(
    syncer: &Syncer,
    model: &'static Model,
) -> Result<Option<BackfillStatus>, SyncError> {
    let store = syncer.store();
    store.check_derived(model)?;
    let scope = syncer.scope().await?;
    store.prepare().await?;
    let Some(checkpoint) = store.checkpoint(model, &scope).await? else {
        return Ok(None);
    };
    let counts = store.slice_counts(model, &scope).await?;
    let count = |count: i64| u64::try_from(count).unwrap_or_default();
    let time = |seconds: i64| DateTime::from_timestamp(seconds, 0);
    Ok(Some(BackfillStatus {
        phase: checkpoint.phase,
        slices: count(counts.slices),
        slices_done: count(counts.done),
        pages: count(counts.pages),
        objects: count(counts.seen),
        watermark: checkpoint.watermark.and_then(time),
        finished: checkpoint.finished.and_then(time),
    }))
}
