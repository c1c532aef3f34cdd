//! Trap 14: what Stripe's lists hide by default.

use std::time::Duration;

use serde_json::json;

use super::mirror::Mirror;
use super::models::{Customer, Price, Quote, Subscription, TaxId};

#[tokio::test]
async fn canceled_subscriptions_are_found() {
    let mirror = Mirror::start(20).await;
    mirror.fake.generate("customer", 3).unwrap();
    for id in mirror
        .fake
        .generate("subscription", 40)
        .unwrap()
        .iter()
        .step_by(3)
    {
        // Some of them ended by themselves.
        if mirror.fake.get(id).unwrap()["status"] == "active" {
            mirror.fake.cancel_subscription(id).unwrap();
        }
    }
    mirror.sync_all::<Subscription>().await;
    mirror.assert_truth::<Subscription>().await;
}

#[tokio::test]
async fn inactive_prices_are_found_and_inline_ones_by_id() {
    let mirror = Mirror::start(21).await;
    mirror.fake.generate("product", 3).unwrap();
    for n in 0..60 {
        mirror
            .fake
            .create("price", json!({"active": n % 3 > 0}))
            .unwrap();
    }
    let inline = mirror
        .fake
        .create_unlisted("price", json!({"id": "price_inline"}))
        .unwrap();
    // Long ago: no event of the last minutes tells of it.
    mirror.fake.advance(Duration::from_secs(3_600));
    let report = mirror.sync_all::<Price>().await;
    assert_eq!(report.inserted, 60);
    mirror.assert_truth::<Price>().await;
    mirror
        .syncer
        .sync_by_ids::<Price>(["price_inline"])
        .await
        .unwrap();
    assert_eq!(mirror.rows("prices").await["price_inline"], inline);
}

#[tokio::test]
async fn objects_of_test_clocks_are_found() {
    let mirror = Mirror::start(22).await;
    let clocks = mirror.fake.generate("test_helpers.test_clock", 2).unwrap();
    mirror
        .fake
        .create("customer", json!({"id": "cus_plain", "test_clock": null}))
        .unwrap();
    for clock in &clocks {
        let customer = mirror
            .fake
            .create("customer", json!({"test_clock": clock}))
            .unwrap();
        mirror
            .fake
            .create(
                "subscription",
                json!({"customer": customer["id"], "test_clock": clock}),
            )
            .unwrap();
        mirror
            .fake
            .create(
                "quote",
                json!({"customer": customer["id"], "test_clock": clock}),
            )
            .unwrap();
    }
    let report = mirror.sync_all::<Customer>().await;
    assert_eq!(report.inserted, 3);
    mirror.assert_truth::<Customer>().await;
    assert_eq!(mirror.sync_all::<Subscription>().await.inserted, 2);
    mirror.assert_truth::<Subscription>().await;
    assert_eq!(mirror.sync_all::<Quote>().await.inserted, 2);
    mirror.assert_truth::<Quote>().await;
}

#[tokio::test]
async fn tax_ids_of_customers_and_of_the_account_are_found() {
    let mirror = Mirror::start(23).await;
    for n in 0..3 {
        let id = format!("cus_{n}");
        mirror.fake.create("customer", json!({"id": id})).unwrap();
        mirror
            .fake
            .create(
                "tax_id",
                json!({"customer": id, "owner": {"type": "customer", "customer": id}}),
            )
            .unwrap();
    }
    mirror
        .fake
        .create(
            "tax_id",
            json!({"customer": null, "owner": {"type": "self"}}),
        )
        .unwrap();
    assert_eq!(mirror.sync_all::<TaxId>().await.inserted, 4);
    mirror.assert_truth::<TaxId>().await;
}
