//! Durations and moments as they are written on a command line.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

/// What may stand behind a number, and its seconds.
const UNITS: &[(&str, u64)] = &[
    ("s", 1),
    ("m", 60),
    ("h", 3_600),
    ("d", 86_400),
    ("w", 7 * 86_400),
];

/// Reads a duration: `90s`, `15m`, `12h`, `30d`, `2w`.
///
/// # Errors
/// When it is anything else.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let expected = || format!("expected a number with s, m, h, d or w, such as 30d, got `{text}`");
    let end = text.find(|letter: char| !letter.is_ascii_digit());
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let number: u64 = number.parse().map_err(|_| expected())?;
    let (_, seconds) = UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .ok_or_else(expected)?;
    let seconds = number.checked_mul(*seconds).ok_or_else(expected)?;
    Ok(Duration::from_secs(seconds))
}

/// Reads a moment that has passed: a duration before now, a day (`2026-01-31`, its beginning in UTC), or RFC 3339.
///
/// # Errors
/// When it is anything else, or has not come yet.
pub(crate) fn past(text: &str) -> Result<DateTime<Utc>, String> {
    let now = Utc::now();
    let moment = if let Ok(before) = duration(text) {
        let before = chrono::TimeDelta::from_std(before).ok();
        before.and_then(|before| now.checked_sub_signed(before))
    } else if let Ok(day) = text.parse::<NaiveDate>() {
        day.and_hms_opt(0, 0, 0).map(|moment| moment.and_utc())
    } else {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|moment| moment.with_timezone(&Utc))
    };
    match moment {
        Some(moment) if moment > now => Err(format!(
            "expected a moment that has passed, got `{text}`, which has not come yet"
        )),
        Some(moment) => Ok(moment),
        None => Err(format!(
            "expected how long ago (30d, 12h), a day (2026-01-31) or a moment (2026-01-31T12:00:00Z), got `{text}`"
        )),
    }
}

/// Writes a duration in its largest unit and the one below: `3d 4h`, `12m 5s`, `0s`.
pub(crate) fn spoken(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let parts = [
        ("d", 86_400, u64::MAX),
        ("h", 3_600, 24),
        ("m", 60, 60),
        ("s", 1, 60),
    ];
    let amounts = parts.map(|(unit, size, most)| ((seconds / size) % most, unit));
    let first = amounts.iter().position(|(amount, _)| *amount > 0);
    let first = first.unwrap_or(amounts.len() - 1);
    let told = amounts.iter().skip(first).take(2);
    let told = told.filter(|(amount, _)| *amount > 0 || seconds == 0);
    let told: Vec<String> = told
        .map(|(amount, unit)| format!("{amount}{unit}"))
        .collect();
    told.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        for (text, seconds) in [
            ("0s", 0),
            ("90s", 90),
            ("15m", 900),
            ("12h", 43_200),
            ("30d", 2_592_000),
            ("2w", 1_209_600),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for wrong in [
            "",
            "30",
            "d",
            "-1d",
            "1.5h",
            "30 d",
            "1y",
            "99999999999999999999d",
            "9999999999999999999w",
        ] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn moments_have_passed() {
        let day = past("2026-01-31").unwrap();
        assert_eq!(day.to_rfc3339(), "2026-01-31T00:00:00+00:00");
        assert_eq!(
            past("2026-01-31T12:00:00+02:00").unwrap().to_rfc3339(),
            "2026-01-31T10:00:00+00:00"
        );
        let ago = Utc::now() - past("1h").unwrap();
        assert!((ago.num_seconds() - 3_600).abs() < 60);
        for wrong in ["2026-13-01", "yesterday", "2999-01-01", "999999999999w", ""] {
            assert!(past(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_duration_is_spoken_in_two_units() {
        for (seconds, expected) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (61, "1m 1s"),
            (3_660, "1h 1m"),
            (90_061, "1d 1h"),
            (400 * 86_400, "400d"),
        ] {
            assert_eq!(spoken(Duration::from_secs(seconds)), expected);
        }
    }
}
