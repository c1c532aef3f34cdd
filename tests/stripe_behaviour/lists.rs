//! Traps 1 to 4: pages, ties, vanished cursors.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use stripe_sync::testing::{Phase, Quirks};

use super::mirror::Mirror;
use super::models::{Customer, Subscription};

const CUSTOMERS: &str = "/v1/customers";

/// Trap 1: the default page has ten objects; and `has_more` decides, not the length of a page.
#[tokio::test]
async fn pages_are_full_and_read_to_the_end() {
    for (count, pages) in [(100, 1), (101, 2), (250, 3)] {
        let mirror = Mirror::start(1).await;
        mirror.fake.generate("customer", count).unwrap();
        let report = mirror.sync_all::<Customer>().await;
        assert_eq!(report.inserted, count as u64);
        assert_eq!(mirror.requests(CUSTOMERS), pages);
        assert!(
            mirror
                .fake
                .requests()
                .iter()
                .filter(|request| request.endpoint == CUSTOMERS)
                .all(|request| request.query.contains("limit=100"))
        );
        mirror.assert_truth::<Customer>().await;
    }
}

#[tokio::test]
async fn short_pages_are_no_end() {
    let mirror = Mirror::start(2).await;
    mirror.fake.quirks(Quirks::new().short_pages(0.7));
    mirror.fake.generate("customer", 450).unwrap();
    mirror.sync_all::<Customer>().await;
    mirror.assert_truth::<Customer>().await;
    assert!(mirror.requests(CUSTOMERS) > 5, "no page was short");
}

/// Trap 2: a page boundary within one second.
#[tokio::test]
async fn objects_of_one_second_are_all_found() {
    let mirror = Mirror::start(3).await;
    for _ in 0..300 {
        mirror
            .fake
            .create("customer", json!({"created": 1_700_000_000}))
            .unwrap();
    }
    let report = mirror.sync_all::<Customer>().await;
    assert_eq!(report.inserted, 300);
    mirror.assert_truth::<Customer>().await;
}

/// Trap 3: the object that marks the place is deleted before the next page is asked for.
#[tokio::test]
async fn a_vanished_cursor_is_stepped_over() {
    let mirror = Mirror::start(4).await;
    mirror.fake.generate("customer", 350).unwrap();
    mirror.fake.on_request(Phase::After, |view| {
        if view.endpoint() == CUSTOMERS
            && view.nth() <= 2
            && let Some(last) = view.ids().next_back()
        {
            view.account().delete(last).unwrap();
        }
    });
    let report = mirror.sync_all::<Customer>().await;
    // The two that were deleted were seen before.
    assert_eq!(report.inserted, 350);
    let rows = mirror.rows("customers").await;
    for alive in mirror.fake.ids("customer") {
        assert!(rows.contains_key(&alive), "{alive} is missing");
    }
}

/// The same with a whole page deleted, so that every cursor of it is gone.
#[tokio::test]
async fn a_whole_vanished_page_is_stepped_over() {
    let mirror = Mirror::start(5).await;
    mirror.fake.generate("customer", 350).unwrap();
    mirror.fake.on_request(Phase::After, |view| {
        if view.endpoint() == CUSTOMERS && view.nth() == 2 {
            for id in view.ids() {
                view.account().delete(id).unwrap();
            }
        }
    });
    mirror.sync_all::<Customer>().await;
    let rows = mirror.rows("customers").await;
    assert_eq!(mirror.fake.count("customer"), 250);
    for alive in mirror.fake.ids("customer") {
        assert!(rows.contains_key(&alive), "{alive} is missing");
    }
}

/// Trap 4: a subscription that is canceled leaves the default list, and its cursor with it.
#[tokio::test]
async fn a_canceled_cursor_is_still_a_cursor() {
    let mirror = Mirror::start(6).await;
    mirror.fake.generate("customer", 5).unwrap();
    mirror.fake.generate("subscription", 250).unwrap();
    let canceled = AtomicBool::new(false);
    mirror.fake.on_request(Phase::After, move |view| {
        if view.endpoint() == "/v1/subscriptions"
            && let Some(last) = view.ids().next_back()
            && !canceled.swap(true, Ordering::SeqCst)
        {
            view.account().cancel_subscription(last).unwrap();
        }
    });
    mirror.sync_all::<Subscription>().await;
    // The cancellation came after its page was read: the next run sees it.
    mirror.sync_all::<Subscription>().await;
    mirror.assert_truth::<Subscription>().await;
}
