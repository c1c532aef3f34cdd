//! What a run waited for longest, in its report and while it goes.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use stripe_sync::client::RateBudget;
use stripe_sync::testing::Faults;
use stripe_sync::{Bottleneck, Change, Context, Report, Stripe, StripeSync, Syncer};

use super::mirror::Mirror;
use super::models::Customer;

const LATENCY: Duration = Duration::from_millis(100);

/// The same table, with a hook that takes its time.
#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", after_commit = dawdle)]
struct Slow {
    id: String,
}

async fn dawdle(_: Change<Slow>, _: &Context) -> Result<(), Infallible> {
    tokio::time::sleep(Duration::from_millis(30)).await;
    Ok(())
}

fn limited(report: &Report, by: Bottleneck) {
    assert_eq!(report.limited_by(), Some(by), "{report:?}");
}

/// Its lists show one object, and each of the others is read by its id.
#[tokio::test]
async fn a_run_that_mostly_reads_by_id_waits_for_stripe() {
    let mirror = Mirror::start(81).await;
    let ids = mirror.fake.generate("customer", 100).unwrap();
    mirror.syncer.ensure_table::<Customer>().await.unwrap();
    mirror.syncer.sync_all::<Customer>().await.unwrap();
    mirror
        .fake
        .faults(Faults::new(81).latency(LATENCY..LATENCY));
    let read = mirror.syncer.sync_by_ids::<Customer>(&ids).await.unwrap();
    limited(&read, Bottleneck::Latency);
    for id in &ids[1..] {
        mirror.fake.delete(id).unwrap();
    }
    let seen: Arc<Mutex<Vec<Option<Bottleneck>>>> = Arc::default();
    let noted = Arc::clone(&seen);
    let syncer = Syncer::builder(mirror.syncer.stripe().clone(), &mirror.pool)
        .progress(move |update| noted.lock().unwrap().push(update.limited_by))
        .build();
    let report = syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!(report.deleted, 99, "{report}");
    limited(&report, Bottleneck::Latency);
    let last = seen.lock().unwrap().last().copied();
    assert_eq!(last, Some(Some(Bottleneck::Latency)));
}

#[tokio::test]
async fn a_run_with_a_small_budget_waits_for_it() {
    let mirror = Mirror::start(82).await;
    mirror.fake.generate("customer", 1_000).unwrap();
    mirror.syncer.ensure_table::<Customer>().await.unwrap();
    let stripe = Stripe::builder(mirror.fake.secret_key().to_owned())
        .base_url(mirror.fake.base_url())
        .budget(RateBudget::default().endpoint(5.0))
        .build()
        .unwrap();
    let report = Syncer::new(stripe, &mirror.pool)
        .sync_all::<Customer>()
        .await;
    limited(&report.unwrap(), Bottleneck::Budget);
}

#[tokio::test]
async fn a_run_with_a_slow_hook_waits_for_it() {
    let mirror = Mirror::start(83).await;
    mirror.fake.generate("customer", 100).unwrap();
    mirror.syncer.ensure_table::<Slow>().await.unwrap();
    let report = mirror.syncer.sync_all::<Slow>().await.unwrap();
    limited(&report, Bottleneck::Hook);
}
