//! The fake's clock, and the date formats that are made from it.

use chrono::{DateTime, Months, Utc};

/// 2026-11-01T00:00:00Z: after the release of the API version that the schema speaks for.
pub(crate) const DEFAULT_NOW: i64 = 1_793_491_200;

/// The `Date` header (RFC 9110) of a Unix time in seconds.
pub(crate) fn http_date(unix: i64) -> String {
    instant(unix)
        .format("%a, %d %b %Y %H:%M:%S GMT")
        .to_string()
}

/// RFC 3339 in UTC with milliseconds, as Stripe's v2 objects have it.
pub(crate) fn rfc3339(unix: i64) -> String {
    instant(unix).format("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// The calendar date `YYYY-MM-DD`.
pub(crate) fn date(unix: i64) -> String {
    instant(unix).format("%Y-%m-%d").to_string()
}

/// The same day and time of the day so many calendar months later, or the last day of a month that is shorter.
pub(crate) fn months_after(unix: i64, months: i64) -> i64 {
    let months = Months::new(u32::try_from(months).unwrap_or_default());
    let later = instant(unix).checked_add_months(months);
    later.map_or(unix, |later| later.timestamp())
}

fn instant(unix: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(unix, 0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        assert_eq!(http_date(DEFAULT_NOW), "Sun, 01 Nov 2026 00:00:00 GMT");
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(date(86_400), "1970-01-02");
    }

    #[test]
    fn a_month_ends_on_its_last_day() {
        let january = 30 * 86_400;
        assert_eq!(date(months_after(january, 1)), "1970-02-28");
        assert_eq!(date(months_after(january, 12)), "1971-01-31");
    }
}
