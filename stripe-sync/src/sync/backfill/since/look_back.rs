//! How far before its first page a run through whole lists looks for events.

use crate::store::backfill::followed_events::Followed;
use crate::sync::backfill::catch_changes::BEHIND;
use crate::sync::backfill::lease::RunGuard;
use crate::sync::error::SyncError;
use crate::sync::list::events::OVERLAP;
use crate::sync::object::run::Run;

/// Where a walk through whole lists begins to look for events, and what its lists show of them. Rows that no list shows are
/// known from events alone: of those, what happened a while before the first page is looked for, too.
pub(crate) async fn look_back(
    run: &Run<'_>,
    walking: &RunGuard,
    watermark: i64,
) -> Result<(i64, Option<Followed>), SyncError> {
    let (store, lease) = (run.store(), walking.lease());
    let shown_until = watermark - BEHIND;
    if store.slice_counts(run.model, &run.scope).await?.seen == 0 {
        return Ok((watermark - OVERLAP, None));
    }
    if store.count_unlisted(lease).await? > 0 {
        let shown = Followed::by(lease, Some(shown_until));
        return Ok((watermark - OVERLAP, Some(shown)));
    }
    Ok((shown_until, None))
}
