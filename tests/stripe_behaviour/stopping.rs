//! Runs that end early, and what the next one has to wait for.

use std::sync::Arc;
use std::time::Duration;

use stripe_sync::testing::{FakeStripeExt as _, Faults, Phase};
use stripe_sync::{Bottleneck, SyncAllOptions, Syncer, reexport::sqlx};
use tokio::sync::Notify;

use super::mirror::Mirror;
use super::models::Customer;
use super::runs::stopped;

const CUSTOMERS: &str = "/v1/customers";
const PAGES: usize = 60;

/// A run that is told to stop has given back what it had: the next one goes on where it was, and waits for no lease.
#[tokio::test]
async fn a_run_that_is_told_to_stop_is_gone_on_with() {
    let mirror = Mirror::start(72).await;
    mirror.fake.generate("customer", PAGES * 100).unwrap();
    mirror.syncer.ensure_table::<Customer>().await.unwrap();
    let reached = Arc::new(Notify::new());
    let notify = Arc::clone(&reached);
    mirror.fake.on_request(Phase::After, move |view| {
        if view.endpoint() == CUSTOMERS && view.nth() == PAGES as u64 / 2 {
            notify.notify_one();
        }
    });
    let latency = Duration::from_millis(30);
    let slow = Faults::new(72).latency(latency..latency);
    mirror.fake.faults(slow);
    let signal = async move { reached.notified().await };
    let run = mirror
        .syncer
        .sync_all_until::<Customer>(SyncAllOptions::default(), signal);
    let report = run.await.unwrap();
    assert!(report.stopped && !report.is_complete(), "{report}");
    let held = "SELECT COUNT(*) FROM stripe_sync_slices WHERE owner <> 0";
    let held: i64 = sqlx::query_scalar(held)
        .fetch_one(&mirror.pool)
        .await
        .unwrap();
    assert_eq!(held, 0);
    mirror.fake.faults(None);
    let report = mirror.sync_all::<Customer>().await;
    assert!(report.resumed && report.is_complete(), "{report}");
    mirror.assert_truth::<Customer>().await;
}

/// What a killed process had is waited for until its lease ends, and whoever watches is told so.
#[tokio::test]
async fn a_lease_is_waited_for_where_it_can_be_seen() {
    let mirror = stopped(73).await;
    let held = "UPDATE stripe_sync_slices SET owner = 1, holder = 'another', expires_at = 9000000000000 WHERE NOT done";
    let held = sqlx::query(held).execute(&mirror.pool).await.unwrap();
    assert!(held.rows_affected() > 0);
    let waits = Arc::new(Notify::new());
    let notify = Arc::clone(&waits);
    let syncer = Syncer::builder(mirror.fake.stripe().unwrap(), &mirror.pool)
        .progress(move |update| {
            if update.waiting {
                assert_eq!(update.limited_by, Some(Bottleneck::Lease));
                notify.notify_one();
            }
        })
        .build();
    let end = async {
        waits.notified().await;
        let ended = sqlx::query("UPDATE stripe_sync_slices SET expires_at = 1");
        ended.execute(&mirror.pool).await.unwrap();
    };
    let (report, ()) = tokio::join!(syncer.sync_all::<Customer>(), end);
    let report = report.unwrap();
    assert!(report.is_complete() && report.resumed, "{report}");
    assert!(report.lease > Duration::ZERO, "{report:?}");
    mirror.assert_truth::<Customer>().await;
}
