//! Traps 15 and 17: rate limits, broken answers, and things that no schema knows yet.

use std::time::Duration;

use serde_json::json;
use stripe_sync::client::RateBudget;
use stripe_sync::testing::{Drift, Faults, RateLimitReason, RateLimits};
use stripe_sync::{Stripe, Syncer};

use super::mirror::Mirror;
use super::models::{Coupon, Customer, Subscription};

/// Trap 15: every reason of a 429 and none, 5xx, resets, cut bodies, and still the whole table.
#[tokio::test]
async fn every_fault_is_survived() {
    for seed in 0..4 {
        let mirror = Mirror::start(seed).await;
        mirror.fake.generate("customer", 700).unwrap();
        mirror.fake.faults(
            Faults::new(seed)
                .rate_429(0.15)
                .rate_500(0.05)
                .rate_502(0.05)
                .reset(0.05)
                .cut_body(0.1)
                .reasons([
                    Some(RateLimitReason::GlobalRate),
                    Some(RateLimitReason::GlobalConcurrency),
                    Some(RateLimitReason::EndpointRate),
                    Some(RateLimitReason::EndpointConcurrency),
                    Some(RateLimitReason::ResourceSpecific),
                    None,
                ])
                // Without an end to them, a request may meet more faults in a row than it is repeated.
                .at_most(6),
        );
        let report = mirror.sync_all::<Customer>().await;
        assert_eq!(report.inserted, 700, "seed {seed}");
        mirror.assert_truth::<Customer>().await;
    }
}

/// Trap 15: the client's own budget stays under limits that the server enforces.
#[tokio::test]
async fn the_budget_stays_under_enforced_limits() {
    let mirror = Mirror::start(30).await;
    mirror.fake.generate("customer", 60).unwrap();
    mirror.fake.limits(RateLimits::sandbox());
    let stripe = Stripe::builder(mirror.fake.secret_key().to_owned())
        .base_url(mirror.fake.base_url())
        .budget(RateBudget::default())
        .build()
        .unwrap();
    let syncer = Syncer::new(stripe, mirror.pool.clone());
    syncer.ensure_table::<Customer>().await.unwrap();
    let ids = mirror.fake.ids("customer");
    let report = syncer.sync_by_ids::<Customer>(ids).await.unwrap();
    assert_eq!((report.inserted, report.retries), (60, 0), "{report}");
    assert!(report.throttled > Duration::ZERO);
    mirror.assert_truth::<Customer>().await;
}

/// Trap 17: shuffled keys, unknown fields and unknown words change nothing; ids have up to 255 characters.
#[tokio::test]
async fn unknown_things_are_kept() {
    let mirror = Mirror::start(31).await;
    let long = format!("c-{}", "x".repeat(253));
    mirror.fake.create("coupon", json!({"id": long})).unwrap();
    assert_eq!(mirror.sync_all::<Coupon>().await.inserted, 1);

    mirror.fake.generate("customer", 3).unwrap();
    mirror.fake.generate("subscription", 150).unwrap();
    mirror
        .fake
        .unchecked()
        .create(
            "subscription",
            json!({"id": "sub_new", "status": "brand_new_status"}),
        )
        .unwrap();
    mirror
        .fake
        .drift(Drift::none().shuffle_keys().unknown_fields(0.5));
    let report = mirror.sync_all::<Subscription>().await;
    assert_eq!((report.inserted, report.failed), (151, 0));
    let rows = mirror.rows("subscriptions").await;
    assert_eq!(rows["sub_new"]["status"], "brand_new_status");
}

/// Trap 17: key order alone is no change.
#[tokio::test]
async fn shuffled_keys_write_no_row() {
    let mirror = Mirror::start(32).await;
    mirror.fake.generate("customer", 120).unwrap();
    mirror.fake.drift(Drift::none().shuffle_keys());
    assert_eq!(mirror.sync_all::<Customer>().await.inserted, 120);
    assert_eq!(mirror.sync_all::<Customer>().await.unchanged, 120);
    mirror.assert_truth::<Customer>().await;
}

/// Trap 17: null in a field that was never null fails that object by name; elsewhere it clears.
#[tokio::test]
async fn a_null_where_none_should_be_is_named() {
    let mirror = Mirror::start(33).await;
    mirror.fake.generate("customer", 20).unwrap();
    mirror
        .fake
        .unchecked()
        .create("customer", json!({"id": "cus_null", "created": null}))
        .ok();
    mirror
        .fake
        .unchecked()
        .create(
            "customer",
            json!({"id": "cus_null_2", "livemode": null, "email": null}),
        )
        .unwrap();
    let report = mirror.sync_all::<Customer>().await;
    for failure in &report.failures {
        assert_eq!(failure.id, "cus_null");
        assert_eq!(failure.column.as_deref(), Some("created"));
    }
    assert!(mirror.rows("customers").await.contains_key("cus_null_2"));
}
