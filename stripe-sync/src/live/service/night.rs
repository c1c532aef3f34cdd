//! When the tables are verified each night.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};

use crate::stripe_time::SKEW;
use crate::sync::VerifyOptions;

/// A night that was missed is made up for when a service starts, unless the one before it is less long ago than this.
const MADE_UP_AFTER: TimeDelta = TimeDelta::days(1);

/// A time of day, in UTC, and what is verified then.
#[derive(Debug, Clone)]
pub(crate) struct Night {
    pub(crate) at: NaiveTime,
    pub(crate) options: VerifyOptions,
}

/// The last moment of this time of day that has come. In UTC each day has each moment once.
pub(crate) fn last(now: DateTime<Utc>, at: NaiveTime) -> DateTime<Utc> {
    let today = now.date_naive().and_time(at).and_utc();
    match today <= now {
        true => today,
        false => today.checked_sub_days(Days::new(1)).unwrap_or(today),
    }
}

/// The next moment of this time of day that is to come.
pub(crate) fn next(now: DateTime<Utc>, at: NaiveTime) -> DateTime<Utc> {
    let last = last(now, at);
    last.checked_add_days(Days::new(1)).unwrap_or(last)
}

/// The moment of the night that is to be verified now, for a process that began at `begun` and a database whose last night was
/// `verified`; `None` if nothing is due.
///
/// The night whose moment comes while a process runs is verified. One that came before it began is made up for if the last
/// one is more than a day ago; where there was none yet, the tables are new.
pub(crate) fn due(
    now: DateTime<Utc>,
    at: NaiveTime,
    begun: DateTime<Utc>,
    verified: Option<DateTime<Utc>>,
) -> Option<DateTime<Utc>> {
    let moment = last(now, at);
    // One that is long to come was noted by a clock that was ahead.
    let skew = TimeDelta::seconds(SKEW);
    let verified = verified.filter(|verified| *verified - now <= skew);
    if verified.is_some_and(|verified| verified >= moment) {
        return None;
    }
    let was_missed = verified.is_some_and(|verified| now - verified > MADE_UP_AFTER);
    (moment >= begun || was_missed).then_some(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> DateTime<Utc> {
        format!("{text}Z").parse().unwrap()
    }

    fn time(text: &str) -> NaiveTime {
        text.parse().unwrap()
    }

    #[test]
    fn each_day_has_one_moment() {
        for (now, at, expected) in [
            ("2027-03-02T12:00:00", "03:30:00", "2027-03-02T03:30:00"),
            ("2027-03-02T02:00:00", "03:30:00", "2027-03-01T03:30:00"),
            // It comes, has just come, and is about to.
            ("2027-03-02T03:30:00", "03:30:00", "2027-03-02T03:30:00"),
            (
                "2027-03-02T03:30:00.000001",
                "03:30:00",
                "2027-03-02T03:30:00",
            ),
            (
                "2027-03-02T03:29:59.999999",
                "03:30:00",
                "2027-03-01T03:30:00",
            ),
            // Around midnight, a month, a year and a leap day.
            ("2027-03-02T00:00:00", "00:00:00", "2027-03-02T00:00:00"),
            ("2027-03-01T23:59:59", "00:00:00", "2027-03-01T00:00:00"),
            ("2027-03-02T00:00:00", "23:59:59", "2027-03-01T23:59:59"),
            ("2027-01-01T01:00:00", "02:00:00", "2026-12-31T02:00:00"),
            ("2028-02-29T02:00:00", "02:00:00", "2028-02-29T02:00:00"),
            ("2028-03-01T01:00:00", "02:00:00", "2028-02-29T02:00:00"),
            ("2027-03-01T01:00:00", "02:00:00", "2027-02-28T02:00:00"),
            // Clocks of Europe are put forward at one in UTC, which has it nevertheless.
            ("2027-03-28T01:30:00", "01:15:00", "2027-03-28T01:15:00"),
        ] {
            let (now, at) = (moment(now), time(at));
            assert_eq!(last(now, at), moment(expected), "{now} {at}");
            assert_eq!(next(now, at) - last(now, at), TimeDelta::days(1));
            assert!(last(now, at) <= now && now < next(now, at), "{now} {at}");
        }
        let end = DateTime::<Utc>::MAX_UTC;
        assert!(next(end, time("00:00:00")) <= end);
    }

    #[test]
    fn a_night_is_verified_once() {
        let at = time("03:00:00");
        let night = "2027-03-02T03:00:00";
        for (now, begun, verified, expected) in [
            // A process that runs since yesterday.
            ("2027-03-02T02:59:59", "2027-03-01T12:00:00", None, None),
            (
                "2027-03-02T03:00:00",
                "2027-03-01T12:00:00",
                None,
                Some(night),
            ),
            (
                "2027-03-02T03:00:00",
                "2027-03-01T12:00:00",
                Some("2027-03-01T03:00:00"),
                Some(night),
            ),
            (
                "2027-03-02T09:00:00",
                "2027-03-01T12:00:00",
                Some("2027-03-01T03:00:00"),
                Some(night),
            ),
            (
                "2027-03-02T09:00:00",
                "2027-03-01T12:00:00",
                Some(night),
                None,
            ),
            // Another process's clock is ahead by less than is tolerated.
            (
                "2027-03-02T02:59:59",
                "2027-02-01T12:00:00",
                Some(night),
                None,
            ),
            // One that starts later: the night was done, was missed, or there was none yet.
            (
                "2027-03-02T09:00:00",
                "2027-03-02T08:00:00",
                Some(night),
                None,
            ),
            (
                "2027-03-02T09:00:00",
                "2027-03-02T08:00:00",
                Some("2027-03-01T03:00:00"),
                Some(night),
            ),
            (
                "2027-03-02T09:00:00",
                "2027-03-02T08:00:00",
                Some("2027-01-01T03:00:00"),
                Some(night),
            ),
            ("2027-03-02T09:00:00", "2027-03-02T08:00:00", None, None),
            // Of another time of day, and less than a day ago.
            (
                "2027-03-02T09:00:00",
                "2027-03-02T08:00:00",
                Some("2027-03-01T18:00:00"),
                None,
            ),
            // By a clock that was ahead.
            (
                "2027-03-02T09:00:00",
                "2027-03-01T12:00:00",
                Some("2099-01-01T00:00:00"),
                Some(night),
            ),
            (
                "2027-03-02T09:00:00",
                "2027-03-02T08:00:00",
                Some("2099-01-01T00:00:00"),
                None,
            ),
        ] {
            let found = due(moment(now), at, moment(begun), verified.map(moment));
            assert_eq!(found, expected.map(moment), "{now} {begun} {verified:?}");
        }
    }
}
