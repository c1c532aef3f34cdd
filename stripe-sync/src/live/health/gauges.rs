//! The numbers of a service, one by one, for whatever keeps metrics.

use std::fmt;
use std::time::Duration;

use crate::live::health::Health;

/// One number of a [`Health`]. `Display` is a line as Prometheus reads it.
///
/// ```no_run
/// # fn set(_: &str, _: Option<(&str, &str)>, _: f64) {}
/// # fn run(health: &stripe_sync::live::Health) {
/// for gauge in health.gauges() {
///     let label = gauge.label.as_ref().map(|(name, value)| (*name, value.as_str()));
///     set(gauge.name, label, gauge.value); // of the crate `metrics`: gauge!(name, labels).set(value)
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Gauge {
    /// Its name, with `stripe_sync_` before it and the unit behind it.
    pub name: &'static str,
    /// What it is of, where there are several: a label and its value.
    pub label: Option<(&'static str, String)>,
    /// The number.
    pub value: f64,
}

impl fmt::Display for Gauge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        if let Some((name, value)) = &self.label {
            let value = value
                .replace('\\', r"\\")
                .replace('"', "\\\"")
                .replace('\n', r"\n");
            write!(f, "{{{name}=\"{value}\"}}")?;
        }
        write!(f, " {}", self.value)
    }
}

impl Health {
    /// All numbers, in the order of the fields. A time of which nothing is known has none.
    pub fn gauges(&self) -> Vec<Gauge> {
        let inbox = &self.inbox;
        let number = |name, value| Gauge {
            name,
            label: None,
            value,
        };
        let mut gauges: Vec<Gauge> = [
            ("stripe_sync_events_pending", inbox.pending),
            ("stripe_sync_events_done", inbox.done),
            ("stripe_sync_events_dead", inbox.dead),
            ("stripe_sync_events_ignored", inbox.ignored),
            ("stripe_sync_undelivered", inbox.undelivered),
            ("stripe_sync_never_delivered", inbox.never_delivered),
            ("stripe_sync_other_form", inbox.other_form),
        ]
        .map(|(name, count)| number(name, count as f64))
        .into();
        gauges.push(number("stripe_sync_lag_seconds", inbox.lag.as_secs_f64()));
        let seconds =
            |name, time: Option<Duration>| time.map(|time| number(name, time.as_secs_f64()));
        gauges.extend(seconds(
            "stripe_sync_since_delivery_seconds",
            self.since_delivery,
        ));
        let labelled = |name, label, of: &String, value| Gauge {
            name,
            label: Some((label, of.clone())),
            value,
        };
        gauges.extend(self.follow_point_age.iter().map(|(account, age)| {
            let name = "stripe_sync_follow_point_age_seconds";
            labelled(name, "account", account, age.as_secs_f64())
        }));
        gauges.extend(
            self.drift.iter().map(|(table, rows)| {
                labelled("stripe_sync_drift_rows", "table", table, *rows as f64)
            }),
        );
        gauges.extend(seconds(
            "stripe_sync_since_verified_seconds",
            self.since_verified,
        ));
        gauges.push(number("stripe_sync_reads_refused", self.refused as f64));
        gauges.push(number("stripe_sync_alarms", self.alarms.len() as f64));
        gauges
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::live::InboxCounts;
    use crate::live::service::alarm::Alarm;

    #[test]
    fn each_number_is_a_line_and_a_member() {
        let mut inbox = InboxCounts::default();
        (inbox.pending, inbox.dead) = (3, 1);
        inbox.lag = Duration::from_millis(1_500);
        let health = Health {
            inbox,
            since_delivery: None,
            follow_point_age: BTreeMap::from([("acct_1".to_owned(), Duration::from_secs(61))]),
            drift: BTreeMap::from([("my\"table\\".to_owned(), 2)]),
            since_verified: Some(Duration::from_secs(7_200)),
            refused: 0,
            alarms: vec![Alarm::DeadLetters { events: 1 }],
        };
        let lines: Vec<String> = health.gauges().iter().map(Gauge::to_string).collect();
        assert_eq!(
            lines,
            [
                "stripe_sync_events_pending 3",
                "stripe_sync_events_done 0",
                "stripe_sync_events_dead 1",
                "stripe_sync_events_ignored 0",
                "stripe_sync_undelivered 0",
                "stripe_sync_never_delivered 0",
                "stripe_sync_other_form 0",
                "stripe_sync_lag_seconds 1.5",
                "stripe_sync_follow_point_age_seconds{account=\"acct_1\"} 61",
                "stripe_sync_drift_rows{table=\"my\\\"table\\\\\"} 2",
                "stripe_sync_since_verified_seconds 7200",
                "stripe_sync_reads_refused 0",
                "stripe_sync_alarms 1",
            ]
        );
        let json = serde_json::to_value(&health).unwrap();
        assert_eq!(json["dead"], 1);
        assert_eq!(json["lag_seconds"], 1.5);
        assert!(json["since_delivery_seconds"].is_null());
        assert_eq!(json["follow_point_age_seconds"]["acct_1"], 61.0);
        assert_eq!(json["alarms"][0]["alarm"], "dead_letters");
    }
}
