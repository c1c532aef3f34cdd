//! What is listed where no delivery came: the safety net, a service that stood still, and a gap that Stripe has forgotten.

use std::time::Duration;

use serde_json::json;
use stripe_sync::StripeSync;
use stripe_sync::live::EventFilter;

use super::service::{Coupon, Customer, Service, Subscription, process};

const DAY: u64 = 86_400;

/// Some of everything: made, changed, canceled, deleted.
fn change(service: &Service, rounds: usize) {
    for round in 0..rounds {
        let made = service
            .fake
            .create("customer", json!({"name": "new"}))
            .unwrap();
        let customer = made["id"].as_str().unwrap();
        let subscription = json!({"customer": customer});
        let subscription = service.fake.create("subscription", subscription).unwrap();
        service
            .fake
            .update(customer, json!({"name": format!("{round}")}))
            .unwrap();
        let coupon = service.fake.create("coupon", json!({})).unwrap();
        match round % 3 {
            0 => drop(service.fake.delete(customer).unwrap()),
            1 => drop(service.fake.delete(coupon["id"].as_str().unwrap()).unwrap()),
            _ => {
                let id = subscription["id"].as_str().unwrap();
                service.fake.cancel_subscription(id).unwrap();
            }
        }
    }
}

async fn assert_truth(service: &Service) {
    service.assert_truth::<Customer>().await;
    service.assert_truth::<Coupon>().await;
    service.assert_truth::<Subscription>().await;
}

pub(crate) async fn without_any_delivery_the_list_of_events_is_enough(service: &Service) {
    let live = service.live();
    live.catch_up().await.unwrap();
    for _ in 0..3 {
        change(service, 9);
        service.fake.advance(Duration::from_secs(50));
        let caught_up = live.catch_up().await.unwrap();
        assert!(caught_up.new > 0 && !caught_up.gap, "{caught_up:?}");
        process(&live).await;
        assert_truth(service).await;
    }
    let again = live.catch_up().await.unwrap();
    assert_eq!(again.new, 0, "{again:?}");
}

pub(crate) async fn three_days_without_the_service_are_caught_up(service: &Service) {
    let live = service.live();
    change(service, 3);
    live.catch_up().await.unwrap();
    process(&live).await;
    for _ in 0..3 {
        change(service, 15);
        service.fake.advance(Duration::from_secs(DAY));
    }
    // Stripe gave up delivering; the service starts again and looks.
    drop(service.fake.take_deliveries());
    let live = service.live();
    let caught_up = live.catch_up().await.unwrap();
    assert!(caught_up.new > 100 && !caught_up.gap, "{caught_up:?}");
    process(&live).await;
    assert_truth(service).await;
}

pub(crate) async fn a_gap_of_more_than_thirty_days_is_swept(service: &Service) {
    let live = service.live();
    change(service, 3);
    live.catch_up().await.unwrap();
    process(&live).await;
    change(service, 8);
    service.fake.advance(Duration::from_secs(40 * DAY));
    change(service, 2);
    let caught_up = live.catch_up().await.unwrap();
    assert!(caught_up.gap, "{caught_up:?}");
    assert_eq!(caught_up.reports.len(), 3, "each model is mirrored anew");
    process(&live).await;
    assert_truth(service).await;
    assert!(!live.catch_up().await.unwrap().gap);
}

/// Nobody makes its table, so `sync_all` of it fails each time.
#[derive(StripeSync)]
#[stripe(object = "product", table = "products")]
struct Product {
    id: String,
}

pub(crate) async fn a_gap_ends_though_a_model_cannot_be_mirrored(service: &Service) {
    let live = service.builder().model::<Product>().build();
    live.catch_up().await.unwrap();
    change(service, 3);
    service.fake.advance(Duration::from_secs(40 * DAY));
    let caught_up = live.catch_up().await.unwrap();
    assert!(caught_up.gap, "{caught_up:?}");
    assert_eq!(caught_up.reports.len(), 3, "the others are mirrored anew");
    let failed: Vec<&str> = caught_up
        .not_mirrored
        .iter()
        .map(|(name, _)| *name)
        .collect();
    assert_eq!(failed, ["Product"]);
    process(&live).await;
    assert_truth(service).await;
    assert!(!live.catch_up().await.unwrap().gap);
}

pub(crate) async fn events_are_fetched_by_id_by_type_and_by_failed_delivery(service: &Service) {
    let live = service.live();
    change(service, 3);
    let deliveries = service.fake.take_deliveries();
    let one = &deliveries[0].event_id;
    assert_eq!(live.fetch_events([one]).await.unwrap(), 1);
    assert_eq!(live.fetch_events([one]).await.unwrap(), 0);
    let error = live.fetch_events(["evt_nobody"]).await.unwrap_err();
    assert!(error.to_string().contains("evt_nobody"), "{error}");

    let by_type = live.fetch_listed(Some("customer.subscription.*"), false);
    let by_type = by_type.await.unwrap();
    assert!(by_type.listed > 0 && by_type.new > 0, "{by_type:?}");
    for delivery in deliveries.iter().skip(2) {
        delivery.succeeded();
    }
    let undelivered = live.fetch_listed(None, true).await.unwrap();
    assert_eq!(undelivered.listed, 2, "{undelivered:?}");
    live.fetch_listed(None, false).await.unwrap();
    process(&live).await;
    assert_truth(service).await;
    let kept = live.events(&EventFilter::new()).await.unwrap();
    assert_eq!(kept.len(), deliveries.len());
}
