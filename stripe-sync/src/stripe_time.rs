//! Times of Stripe's clocks, and how far they are trusted.
//!
//! The second of an event is of the machine that made the change, the `Date` of an answer of the one that answered it, or
//! of whatever stands before it. Neither is this machine's clock.

#[cfg(feature = "live")]
use chrono::{DateTime, Utc};

/// How far two clocks may differ and still be taken for right, in seconds. Servers that keep time by NTP differ by
/// milliseconds; a minute is what a machine drifts in months without it.
pub(crate) const SKEW: i64 = 60;
/// The age of an event up to which its own copy is taken, in seconds: as long as a delivery's signature holds. An older one
/// has waited somewhere, and what it holds may be far behind. Neither is an answer with an older `Date` one of now.
#[cfg(feature = "live")]
pub(crate) const YOUNG: i64 = 300;

/// Until when a list was seen whose first page was answered at `date`; `None` if nobody can say. A `Date` that this machine's
/// clock does not bear out counts as far as the newest thing goes that the list showed: what is behind that was not seen.
#[cfg(feature = "live")]
pub(crate) fn seen_until(date: Option<i64>, here: i64, newest: Option<i64>) -> Option<i64> {
    match date {
        None => Some(here),
        Some(date) if is_ahead(date, None, here) => newest.map(|newest| newest.min(date)),
        date => date,
    }
}

/// Whether a moment that was stored as past is later than any clock says that it is now.
pub(crate) fn is_ahead(stored: i64, date: Option<i64>, here: i64) -> bool {
    let latest = date.map_or(here, |date| date.max(here));
    stored > latest.saturating_add(SKEW)
}

/// The second up to which an event may tell of what an answer holds already; `None` if its `Date` is no time at which it
/// can have been answered.
#[cfg(feature = "live")]
pub(crate) fn told_until(date: i64, here: i64) -> Option<i64> {
    let plausible = here.saturating_sub(YOUNG)..=here.saturating_add(SKEW);
    plausible.contains(&date).then(|| date + SKEW)
}

/// A moment in unix seconds; one that no calendar has is the last or the first that one does.
#[cfg(feature = "live")]
pub(crate) fn utc(seconds: i64) -> DateTime<Utc> {
    let end = match seconds < 0 {
        true => DateTime::<Utc>::MIN_UTC,
        false => DateTime::<Utc>::MAX_UTC,
    };
    DateTime::from_timestamp(seconds, 0).unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2100-01-01.
    #[cfg(feature = "live")]
    const FUTURE: i64 = 4_102_444_800;

    #[cfg(feature = "live")]
    #[test]
    fn no_clock_from_the_future_says_what_was_seen() {
        assert_eq!(seen_until(Some(900), 1_000, None), Some(900));
        assert_eq!(seen_until(Some(1_060), 1_000, None), Some(1_060));
        assert_eq!(seen_until(Some(1_000), FUTURE, None), Some(1_000));
        assert_eq!(seen_until(Some(FUTURE), 1_000, None), None);
        assert_eq!(seen_until(Some(FUTURE), 1_000, Some(900)), Some(900));
        // This clock stands still in the past, and what was seen is later.
        assert_eq!(seen_until(Some(1_000), 0, Some(900)), Some(900));
        assert_eq!(seen_until(Some(1_000), 0, Some(1_100)), Some(1_000));
        assert_eq!(seen_until(None, 1_000, Some(900)), Some(1_000));
    }

    #[test]
    fn a_moment_is_ahead_if_no_clock_has_reached_it() {
        assert!(!is_ahead(1_060, Some(900), 1_000));
        assert!(is_ahead(1_061, Some(900), 1_000));
        assert!(!is_ahead(1_061, Some(1_001), 900));
        assert!(is_ahead(1_061, None, 1_000));
    }

    #[cfg(feature = "live")]
    #[test]
    fn events_are_newer_than_an_answer_after_the_skew() {
        assert_eq!(told_until(1_000, 1_000), Some(1_060));
        assert_eq!(told_until(700, 1_000), Some(760));
        assert_eq!(told_until(1_060, 1_000), Some(1_120));
        for wrong in [i64::MIN, 0, 699, 1_061, i64::MAX] {
            assert_eq!(told_until(wrong, 1_000), None, "{wrong}");
        }
    }
}
