//! From when on a run over what is newer reads, and whether what an earlier one said of that is to be believed.

use crate::store::backfill::followed_events::Followed;
use crate::stripe_time::is_ahead;

use crate::sync::backfill::catch_changes::BEHIND;
use crate::sync::backfill::{RunGuard, SyncAllOptions};
use crate::sync::error::SyncError;
use crate::sync::list::OVERLAP;
use crate::sync::list::newest_event::newest;
use crate::sync::object::ModelRun;

/// From when on a run is to read.
pub(crate) struct Since {
    pub(crate) options: SyncAllOptions,
    /// The moment from which on it reads, if only what is newer and there was a run before.
    pub(crate) newer: Option<i64>,
    pub(crate) warning: Option<String>,
}

/// From when on a run is to read. What an earlier one says that it saw, and that has not come yet, was not seen: then
/// everything is read.
pub(crate) async fn since(run: &ModelRun<'_>, options: SyncAllOptions) -> Result<Since, SyncError> {
    let checkpoint = run.store().checkpoint(run.model, &run.scope).await?;
    let here = chrono::Utc::now().timestamp();
    let watermark = checkpoint.as_ref().and_then(|row| row.watermark);
    let finished = checkpoint.and_then(|row| row.finished);
    let newer = finished.filter(|_| options.incremental);
    let is_ahead = |date| {
        let mut moments = [watermark, newer].into_iter().flatten();
        moments.any(|moment| is_ahead(moment, date, here))
    };
    // A clock that is behind is not what another one that was ahead is known by.
    let date = match is_ahead(None) {
        true => newest(&run.reader).await?.date,
        false => None,
    };
    let ahead = is_ahead(date);
    let warning = ahead.then(|| {
        tracing::warn!(
            name: "stripe_sync.watermark_ahead",
            model = run.model.name(),
            "an earlier run says that it saw what has not happened yet: a clock was ahead, and everything is read"
        );
        "an earlier run has a watermark of a moment that has not come yet, because a clock was ahead: everything is read"
            .to_owned()
    });
    Ok(Since {
        options: SyncAllOptions {
            restart: options.restart || ahead,
            ..options
        },
        newer: newer.filter(|_| !ahead),
        warning,
    })
}

/// Where a run through whole lists begins to look for events, and what its lists show of them. Rows that no list shows are
/// known from events alone: of those, what happened a while before the first page is looked for, too.
pub(crate) async fn look_back(
    run: &ModelRun<'_>,
    guard: &RunGuard,
    watermark: i64,
) -> Result<(i64, Option<Followed>), SyncError> {
    let (store, lease) = (run.store(), guard.lease());
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
