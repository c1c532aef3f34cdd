//! What is listed where no delivery came: the safety net, a service that stood still, and a gap that Stripe has forgotten.

use std::time::Duration;

use serde_json::json;
use stripe_sync::live::EventFilter;
use stripe_sync::testing::{EndlessList, Phase, Quirks};
use stripe_sync::webhook::ListedEvents;
use stripe_sync::{StripeSync, SyncAllOptions, SyncError};

use super::service::{Coupon, Customer, Service, Subscription, process};

const DAY: u64 = 86_400;
const EVENTS: &str = "/v1/events";
/// 2100-01-01, in unix seconds.
const FUTURE: i64 = 4_102_444_800;

/// Some of everything: made, changed, canceled, deleted.
fn change(service: &Service, rounds: usize) {
    for round in 0..rounds {
        let made = service
            .fake
            .create("customer", json!({"name": "new"}))
            .unwrap();
        let customer = made["id"].as_str().unwrap();
        let subscription = json!({"customer": customer, "status": "active"});
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
    let live = service.builder().model::<Product>().build().unwrap();
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

    let of_type = ListedEvents::new().kind("customer.subscription.*");
    let by_type = live.fetch_listed(&of_type);
    let by_type = by_type.await.unwrap();
    assert!(by_type.listed > 0 && by_type.new > 0, "{by_type:?}");
    for delivery in deliveries.iter().skip(2) {
        delivery.succeeded();
    }
    let undelivered = live
        .fetch_listed(&ListedEvents::new().only_undelivered(true))
        .await
        .unwrap();
    assert_eq!(undelivered.listed, 2, "{undelivered:?}");
    live.fetch_listed(&ListedEvents::new()).await.unwrap();
    process(&live).await;
    assert_truth(service).await;
    let kept = live.events(&EventFilter::new()).await.unwrap();
    assert_eq!(kept.len(), deliveries.len());
}

/// The next call begins at the same place, so nothing is lost by it.
pub(crate) async fn a_list_of_events_that_does_not_end_is_an_error_by_name(service: &Service) {
    let live = service.live();
    live.catch_up().await.unwrap();
    change(service, 40);
    for how in [
        EndlessList::Empty,
        EndlessList::OnePage,
        EndlessList::Circle,
    ] {
        service.fake.reset_requests();
        let quirks = Quirks::new().endless_list(EVENTS, how);
        service.fake.quirks(quirks);
        let error = live.catch_up().await.unwrap_err();
        let SyncError::EndlessList { path, .. } = error.root() else {
            panic!("{how:?}: {error}");
        };
        assert_eq!(path, EVENTS, "{how:?}");
        assert!(service.fake.requests().len() < 20, "{how:?}");
    }
    service.fake.quirks(Quirks::new());
    live.catch_up().await.unwrap();
    process(&live).await;
    assert_truth(service).await;
}

/// A page that is empty though more was promised is asked for in a window of its own; events that come twice are one.
pub(crate) async fn an_empty_page_of_events_is_asked_for_again(service: &Service) {
    let live = service.live();
    live.catch_up().await.unwrap();
    change(service, 60);
    let quirks = Quirks::new()
        .overlapping_pages(true)
        .empty_page_for_vanished_cursor(true);
    service.fake.quirks(quirks);
    service.fake.on_request(Phase::After, |view| {
        if view.endpoint() == EVENTS
            && view.nth() == 2
            && let Some(last) = view.ids().next_back()
        {
            view.account().forget_event(last).unwrap();
        }
    });
    let events = service.fake.count("event");
    let caught_up = live.catch_up().await.unwrap();
    assert_eq!(caught_up.new, events as u64, "{caught_up:?}");
    service.fake.clear_request_hooks();
    process(&live).await;
    assert_truth(service).await;
}

pub(crate) async fn a_date_of_another_century_hides_no_event(service: &Service) {
    let live = service.live();
    live.catch_up().await.unwrap();
    let mut gaps = 0;
    // One answer, and all of them for a while.
    for answers in [1, 1, u32::MAX, u32::MAX] {
        change(service, 3);
        let quirks = Quirks::new().wrong_dates(answers, FUTURE);
        service.fake.quirks(quirks);
        let caught_up = live.catch_up().await.unwrap();
        assert!(caught_up.new > 0, "{caught_up:?}");
        gaps += u8::from(caught_up.gap);
        assert!(answers > 1 || !caught_up.gap, "{caught_up:?}");
        service.fake.quirks(Quirks::new());
        process(&live).await;
        service.fake.advance(Duration::from_secs(50));
        change(service, 3);
        let caught_up = live.catch_up().await.unwrap();
        assert!(caught_up.new > 0 && !caught_up.gap, "{caught_up:?}");
        process(&live).await;
        assert_truth(service).await;
    }
    assert!(
        gaps <= 1,
        "a clock that stays wrong is believed {gaps} times"
    );
    // What Stripe forgets is still noticed.
    service.fake.advance(Duration::from_secs(40 * DAY));
    assert!(live.catch_up().await.unwrap().gap);
    assert!(!live.catch_up().await.unwrap().gap);
}

pub(crate) async fn a_date_of_another_century_is_not_where_following_begins(service: &Service) {
    for answers in [1, u32::MAX] {
        let live = service.live();
        live.counts().await.unwrap();
        let anew = "DELETE FROM stripe_sync_cursors WHERE name = 'followed'";
        service.run(anew).await;
        change(service, 1);
        let quirks = Quirks::new().wrong_dates(answers, FUTURE);
        service.fake.quirks(quirks);
        live.catch_up().await.unwrap();
        service.fake.quirks(Quirks::new());
        drop(service.fake.take_deliveries());
        change(service, 2);
        let caught_up = live.catch_up().await.unwrap();
        assert!(caught_up.new > 0 && !caught_up.gap, "{caught_up:?}");
    }
}

pub(crate) async fn a_date_of_another_century_hides_no_newer_object(service: &Service) {
    // Those of the account and of the list.
    let quirks = Quirks::new().wrong_dates(2, FUTURE);
    service.fake.quirks(quirks);
    service.syncer.sync_all::<Customer>().await.unwrap();
    service.fake.quirks(Quirks::new());
    service.fake.advance(Duration::from_secs(DAY));
    let made = service.fake.create("customer", json!({})).unwrap();
    let newer = || SyncAllOptions::default().incremental(true);
    let report = service.syncer.sync_all_with::<Customer>(newer()).await;
    assert_eq!(report.unwrap().inserted, 1);
    service.assert_truth::<Customer>().await;
    // As a run kept it that believed such a clock.
    let ahead = format!("UPDATE stripe_sync_tables SET finished_watermark = {FUTURE}");
    service.run(&ahead).await;
    let id = made["id"].as_str().unwrap();
    service.fake.update(id, json!({"name": "newer"})).unwrap();
    let report = service.syncer.sync_all_with::<Customer>(newer()).await;
    let report = report.unwrap();
    assert_eq!(report.warnings.len(), 1, "{report:?}");
    service.assert_truth::<Customer>().await;
    let report = service.syncer.sync_all_with::<Customer>(newer()).await;
    assert_eq!(report.unwrap().warnings, [""; 0]);
}

pub(crate) async fn a_date_of_long_ago_does_not_end_later_runs(service: &Service) {
    for answers in [2, u32::MAX] {
        service.fake.create("customer", json!({})).unwrap();
        let quirks = Quirks::new().wrong_dates(answers, DAY.cast_signed());
        service.fake.quirks(quirks);
        service.syncer.sync_all::<Customer>().await.unwrap();
        service.fake.quirks(Quirks::new());
        service.fake.advance(Duration::from_secs(DAY));
        service.fake.create("customer", json!({})).unwrap();
        let newer = SyncAllOptions::default().incremental(true);
        let report = service.syncer.sync_all_with::<Customer>(newer).await;
        assert_eq!(report.unwrap().inserted, 1, "{answers}");
        service.assert_truth::<Customer>().await;
    }
}

pub(crate) async fn a_place_in_the_future_is_a_gap_that_ends(service: &Service) {
    let live = service.live();
    live.catch_up().await.unwrap();
    let ahead = format!("UPDATE stripe_sync_cursors SET value = {FUTURE} WHERE name = 'followed'");
    service.run(&ahead).await;
    change(service, 3);
    let caught_up = live.catch_up().await.unwrap();
    assert!(caught_up.gap && caught_up.new > 0, "{caught_up:?}");
    assert_eq!(caught_up.reports.len(), 3, "each model is mirrored anew");
    process(&live).await;
    assert_truth(service).await;
    change(service, 3);
    let caught_up = live.catch_up().await.unwrap();
    assert!(!caught_up.gap && caught_up.new > 0, "{caught_up:?}");
    process(&live).await;
    assert_truth(service).await;
}
