//! Moments of the database's clock that are to come: when something is due, and when a claim on it ends.
//!
//! The clock may be set back. A moment that is farther away than this code ever puts one is of the clock before that, and
//! has come: else work would wait for as long as the clock was set back, and nobody would know.

use std::time::Duration;

/// The longest pause before anything is tried again.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 60);
/// The longest time that anything is claimed for, or that a claim is renewed for.
pub(crate) const LONGEST_CLAIM: Duration = Duration::from_secs(60);

/// The condition that something is due, and is nobody's.
pub(super) fn is_free(now: &str) -> String {
    format!("{} AND {}", is_due(now), is_unclaimed(now))
}

/// The condition that something is due.
pub(super) fn is_due(now: &str) -> String {
    has_come("due_at", now, LONGEST_PAUSE)
}

/// The condition that nobody has a claim.
pub(super) fn is_unclaimed(now: &str) -> String {
    has_come("expires_at", now, LONGEST_CLAIM)
}

fn has_come(moment: &str, now: &str, longest: Duration) -> String {
    format!(
        "({moment} <= {now} OR {moment} > {now} + {})",
        longest.as_millis()
    )
}

/// When something is due that is nobody's; zero if one of the two moments is of a clock that was set back since.
pub(super) fn free_at(now: &str, greatest: &str) -> String {
    let moment = |moment: &str, longest: Duration| {
        let longest = longest.as_millis();
        format!("CASE WHEN {moment} > {now} + {longest} THEN 0 ELSE {moment} END")
    };
    format!(
        "{greatest}({}, {})",
        moment("due_at", LONGEST_PAUSE),
        moment("expires_at", LONGEST_CLAIM)
    )
}

/// A moment of a row that is of a clock that was set back since, and zero if none is. PostgreSQL has it as wide as a column.
pub(super) fn is_ahead(now: &str) -> String {
    format!(
        "CASE WHEN due_at > {now} + {} THEN due_at WHEN expires_at > {now} + {} THEN expires_at ELSE 0 END",
        LONGEST_PAUSE.as_millis(),
        LONGEST_CLAIM.as_millis()
    )
}

/// Says that the clock was set back, if anything of a table tells so.
pub(super) fn warn(table: &str, ahead: usize) {
    if ahead > 0 {
        tracing::warn!(
            name: "stripe_sync.clock_set_back",
            table,
            rows = ahead,
            "the database's clock was set back: what would be due farther in the future than anything is put is due now"
        );
    }
}
