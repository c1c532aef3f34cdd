//! Each night the tables are proved to equal Stripe, in one process of all.

use std::time::Duration;

use serde_json::json;
use stripe_sync::live::{Alarm, Live, LiveBuilder};
use stripe_sync::reexport::chrono::{NaiveTime, TimeDelta, Utc};
use stripe_sync::{StripeSync, VerifyOptions};

use super::alarms::Told;
use super::service::{Coupon, Customer, Service, Subscription};

/// Customers: three pages of a list.
const CUSTOMERS: usize = 250;
/// How often it is looked whether the night is over.
const LOOK: Duration = Duration::from_millis(20);

/// Nobody makes its table.
#[derive(StripeSync)]
#[stripe(object = "product", table = "products")]
struct Product {
    id: String,
}

/// The time of day of an hour ago.
fn an_hour_ago() -> NaiveTime {
    (Utc::now() - TimeDelta::hours(1)).time()
}

/// A service whose night is an hour ago. What is not equal need not be looked at again: nothing changes.
fn builder(service: &Service) -> LiveBuilder {
    let options = VerifyOptions::default().grace(Duration::ZERO);
    let builder = service.builder().catch_up_every(None);
    builder.verify_nightly_with(an_hour_ago(), options)
}

/// The night that was verified last is of so many days ago.
async fn verified(service: &Service, days: i64) {
    let moment = (Utc::now() - TimeDelta::days(days)).timestamp();
    let account = service.fake.id();
    service.live().counts().await.unwrap();
    let forget = "DELETE FROM stripe_sync_cursors WHERE name = 'verified'";
    service.run(forget).await;
    let note = format!(
        "INSERT INTO stripe_sync_cursors (name, account, livemode, value) VALUES ('verified', '{account}', FALSE, {moment})"
    );
    service.run(&note).await;
}

/// Waits until the night of today is verified.
async fn until_verified(service: &Service) {
    let today = (Utc::now() - TimeDelta::hours(2)).timestamp();
    let sql = format!(
        "SELECT COUNT(*) FROM stripe_sync_cursors WHERE name = 'verified' AND value >= {today}"
    );
    while service.number(&sql).await == 0 {
        tokio::time::sleep(LOOK).await;
    }
}

/// Lets processes run until the night is verified, and each has ended.
async fn run(service: &Service, processes: &[Live]) {
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let running = processes.iter().map(|live| {
        let mut stopped = stopped.clone();
        let until = async move {
            let _ = stopped.wait_for(|stopped| *stopped).await;
        };
        tokio::spawn(live.clone().run_until(until))
    });
    let running: Vec<_> = running.collect();
    until_verified(service).await;
    stop.send_replace(true);
    for process in running {
        process.await.unwrap();
    }
}

async fn fill(service: &Service) {
    service.fake.generate("customer", CUSTOMERS).unwrap();
    service.fake.create("coupon", json!({})).unwrap();
    service.fake.advance(Duration::from_secs(60));
    service.syncer.sync_all::<Customer>().await.unwrap();
    service.syncer.sync_all::<Coupon>().await.unwrap();
    service.syncer.sync_all::<Subscription>().await.unwrap();
}

pub(crate) async fn a_missed_night_is_made_up_for_in_one_process_of_all(service: &Service) {
    fill(service).await;
    verified(service, 2).await;
    let told = Told::default();
    let processes = [(); 3].map(|()| told.of(builder(service)));
    service.fake.reset_requests();
    run(service, &processes).await;
    assert_eq!(service.requests("/v1/customers"), 3);
    assert_eq!(service.requests("/v1/coupons"), 1);
    for live in &processes {
        assert_eq!(told.after_check(live).await, [""; 0]);
        let health = live.health().await.unwrap();
        let tables: Vec<&str> = health.drift.keys().map(String::as_str).collect();
        assert_eq!(tables, ["coupons", "customers", "subscriptions"]);
        assert!(health.drift.values().all(|rows| *rows == 0), "{health:?}");
        assert!(health.since_verified.is_some());
    }
}

pub(crate) async fn drift_is_an_alarm_until_it_is_mended(service: &Service) {
    fill(service).await;
    verified(service, 2).await;
    let by_hand = "UPDATE customers SET email = 'by hand' WHERE id = (SELECT id FROM (SELECT MIN(id) AS id FROM customers) AS one)";
    service.run(by_hand).await;
    service.run("DELETE FROM coupons").await;
    let told = Told::default();
    let live = told.of(builder(service));
    run(service, std::slice::from_ref(&live)).await;
    let raised = ["drift coupons raised", "drift customers raised"];
    let mut found = told.take();
    found.sort();
    assert_eq!(found, raised);
    assert_eq!(told.after_check(&live).await, [""; 0]);
    let alarms = live.check_alarms().await.unwrap();
    let differing = alarms.iter().find_map(|alarm| match alarm {
        Alarm::Drift { model, counts, .. } if model == "Customer" => Some(counts.differing),
        _ => None,
    });
    assert_eq!(differing, Some(1), "{alarms:?}");
    let drift = live.health().await.unwrap().drift;
    assert_eq!((drift["customers"], drift["coupons"]), (1, 1));
    // It is known after a restart, and in every other process.
    let others = Told::default();
    let other = others.of(service.builder());
    assert_eq!(others.after_check(&other).await.len(), raised.len());

    // Some rows that are equal say nothing of the others.
    let syncer = &service.syncer;
    let quick = VerifyOptions::default().grace(Duration::ZERO);
    let sample = quick.clone().sample(1);
    syncer.verify_with::<Customer>(sample).await.unwrap();
    assert_eq!(told.after_check(&live).await, [""; 0]);
    let mended = syncer.verify_with::<Customer>(quick.fix(true)).await;
    assert_eq!(mended.unwrap().counts.fixed, 1);
    let cleared = ["drift customers cleared"];
    assert_eq!(told.after_check(&live).await, cleared);
    assert_eq!(others.after_check(&other).await, cleared);
    assert_eq!(live.health().await.unwrap().drift["customers"], 0);
}

pub(crate) async fn a_model_that_cannot_be_verified_stops_no_other(service: &Service) {
    fill(service).await;
    verified(service, 2).await;
    let told = Told::default();
    let live = told.of(builder(service).model::<Product>());
    run(service, std::slice::from_ref(&live)).await;
    let health = live.health().await.unwrap();
    assert_eq!(health.drift.len(), 3, "{health:?}");
    assert_eq!(told.after_check(&live).await, [""; 0]);
}
