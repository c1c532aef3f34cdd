//! Moments of the database's clock that are to come: when something is due, and when a claim on it ends.
//!
//! The clock may be set back. A moment that is farther away than this code ever puts one is of the clock before that, and
//! has come: else work would wait for as long as the clock was set back, and nobody would know.

use std::time::Duration;

use crate::store::db::{Bind, Conn, TxError};
use crate::store::events::Lined;

/// The longest pause before anything is tried again. A claim lasts for less.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 60);

/// Whether a moment is farther away than anything is put.
pub(crate) fn is_of_another_clock(moment: i64, now: i64) -> bool {
    let longest = i64::try_from(LONGEST_PAUSE.as_millis()).unwrap_or(i64::MAX);
    moment > now.saturating_add(longest)
}

/// Makes the rows of a lane free whose moments are farther away than anything is put, and says so.
pub(crate) async fn mend(
    conn: &mut Conn<'_>,
    lined: Lined,
    lane: &str,
    now: i64,
) -> Result<(), TxError> {
    let (place, longest) = (lined.place, LONGEST_PAUSE.as_millis());
    let least = conn.kind().dialect().least;
    let sql = format!(
        "UPDATE {place} SET due_at = {least}(due_at, {now}), expires_at = 0 \
         WHERE lane = ? AND free_at > {now} + {longest}"
    );
    let mended = conn.execute(sql, &[Bind::text(lane)]).await?;
    if mended > 0 {
        tracing::warn!(
            name: "stripe_sync.clock_set_back",
            table = lined.table,
            rows = mended,
            "the database's clock was set back: what would be due farther in the future than anything is put is due now"
        );
    }
    Ok(())
}
