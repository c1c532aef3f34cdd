//! How the service is: alarms, numbers for metrics, and the nightly proof that the tables equal Stripe.

pub(crate) mod alarms;
pub(crate) mod gauges;
pub(crate) mod nightly;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::live::health::alarms::unequal;
use crate::live::inbox::InboxCounts;
use crate::live::service::Live;
use crate::live::service::alarm::Alarm;
use crate::store::events::cursor::Cursor;
use crate::sync::error::SyncError;

/// How the service is, in numbers: of each [alarm](Alarm) the number that it follows from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Health {
    /// The events and what is to be delivered: dead letters, what was never delivered, the lag.
    #[serde(flatten)]
    pub inbox: InboxCounts,
    /// How long ago, by Stripe's clock, the newest event happened that was delivered, to a minute; `None` if none ever was.
    /// Written as `since_delivery_seconds`, a number.
    #[serde(
        rename = "since_delivery_seconds",
        serialize_with = "as_seconds_or_null"
    )]
    pub since_delivery: Option<Duration>,
    /// Of each account how long its list of events was not followed. An account that this process found to be connected no
    /// more is left out. Written as `follow_point_age_seconds`, numbers.
    #[serde(
        rename = "follow_point_age_seconds",
        serialize_with = "as_seconds_each"
    )]
    pub follow_point_age: BTreeMap<String, Duration>,
    /// Of each table that was verified: rows that are not as Stripe has them and were not mended, and objects that failed.
    /// Those of children count where they differ.
    pub drift: BTreeMap<String, u64>,
    /// How long ago the oldest of these verifications ended, by the database's clock; `None` if there is none. Written as
    /// `since_verified_seconds`, a number.
    #[serde(
        rename = "since_verified_seconds",
        serialize_with = "as_seconds_or_null"
    )]
    pub since_verified: Option<Duration>,
    /// The resources that the key may not read; if Stripe does not accept the key at all, one more.
    pub refused: u64,
    /// The alarms that held when this process last looked.
    pub alarms: Vec<Alarm>,
}

fn as_seconds_or_null<S: Serializer>(
    value: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    value.map(|value| value.as_secs_f64()).serialize(serializer)
}

fn as_seconds_each<S: Serializer>(
    values: &BTreeMap<String, Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(
        values
            .iter()
            .map(|(name, value)| (name, value.as_secs_f64())),
    )
}

impl Live {
    /// How the service is, for metrics and for a page: what [`counts`](Self::counts) returns, and the number behind each alarm.
    /// What a database holds is the same in each process; refusals and alarms are those of this one.
    ///
    /// ```no_run
    /// # async fn run(live: stripe_sync::live::Live) -> Result<String, stripe_sync::SyncError> {
    /// // The body of `/metrics`, as Prometheus reads it.
    /// let health = live.health().await?;
    /// let lines: Vec<String> = health.gauges().iter().map(ToString::to_string).collect();
    /// Ok(lines.join("\n") + "\n")
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the account is not known, or the database fails.
    pub async fn health(&self) -> Result<Health, SyncError> {
        let inbox = self.counts().await?;
        let own = self.prepare().await?;
        let (store, observed) = (self.store(), &self.shared.observed);
        let delivered = store.cursors(own.livemode, Cursor::Delivered).await?;
        let mut followed = store.cursors(own.livemode, Cursor::Followed).await?;
        let now = chrono::Utc::now();
        let (since_delivery, follow_point_age) = {
            let lists = observed.lists();
            let age = |account: &str, moment: i64| {
                let age = lists.now(account, now.timestamp()).saturating_sub(moment);
                Duration::from_secs(u64::try_from(age).unwrap_or_default())
            };
            let lost = lists.lost();
            followed.retain(|account, _| !lost.contains(account));
            let ages = delivered.iter().map(|(account, at)| age(account, *at));
            let followed = followed.into_iter().map(|(account, at)| {
                let age = age(&account, at);
                (account, age)
            });
            (ages.min(), followed.collect())
        };
        let verified = self.verified(&own).await?;
        let since = verified.iter().map(|(_, found)| found.ended_at).min();
        let mut drift = BTreeMap::new();
        for (model, found) in &verified {
            drift.insert(self.table(model), 0);
            for (_, table, counts) in found.drift.iter().flat_map(unequal) {
                let rows = counts.drifted().saturating_sub(counts.fixed) + counts.failed;
                drift.insert(table.to_owned(), rows);
            }
        }
        let refused = observed.refusals().alarms().len() as u64;
        let raised = self.shared.raised.lock().await;
        Ok(Health {
            inbox,
            since_delivery,
            follow_point_age,
            drift,
            since_verified: since.map(|at| (now - at).to_std().unwrap_or_default()),
            refused,
            alarms: raised.alarms().cloned().collect(),
        })
    }
}
