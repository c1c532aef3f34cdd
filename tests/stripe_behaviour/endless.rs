//! Lists that do not end, elements that come twice, and lists that have another number of elements than they say.

use serde_json::json;
use stripe_sync::testing::{EndlessList, Quirks};
use stripe_sync::{Report, StripeSync, SyncError};

use super::mirror::Mirror;
use super::models::{Customer, Subscription};
use super::resumed::PaymentMethod;

const ITEMS: &str = "/v1/subscription_items";
/// No list of these tests has so many pages that its end, or that it has none, is not known by then.
const ENOUGH: usize = 60;
const ALL: [EndlessList; 3] = [
    EndlessList::Empty,
    EndlessList::OnePage,
    EndlessList::Circle,
];

/// A run of a list that does not end stops with an error that names it.
async fn stops<M: StripeSync>(mirror: &Mirror, path: &str, how: EndlessList) {
    mirror.fake.reset_requests();
    mirror.fake.quirks(Quirks::new().endless_list(path, how));
    mirror.syncer.ensure_table::<M>().await.unwrap();
    let error = mirror.syncer.sync_all::<M>().await.unwrap_err();
    let SyncError::EndlessList { path: named, .. } = error.root() else {
        panic!("{how:?}: {error}");
    };
    assert_eq!(named, path, "{how:?}");
    assert!(error.to_string().contains(path), "{error}");
    assert!(mirror.requests(path) < ENOUGH, "{how:?}: {error}");
    mirror.fake.quirks(Quirks::new());
}

#[tokio::test]
async fn a_list_that_does_not_end_is_an_error_by_name() {
    for how in ALL {
        let mirror = Mirror::start(120).await;
        mirror.fake.generate("customer", 550).unwrap();
        stops::<Customer>(&mirror, "/v1/customers", how).await;
        // It was the list, and nothing else.
        mirror.sync_all::<Customer>().await;
        mirror.assert_truth::<Customer>().await;

        for _ in 0..350 {
            let customer = mirror.fake.ids("customer").remove(0);
            let of_customer = json!({"customer": customer});
            mirror.fake.create("payment_method", of_customer).unwrap();
        }
        stops::<PaymentMethod>(&mirror, "/v1/payment_methods", how).await;
        mirror.sync_all::<PaymentMethod>().await;
    }
}

#[tokio::test]
async fn a_list_of_events_that_does_not_end_is_an_error_by_name() {
    for how in ALL {
        let mirror = Mirror::start(121).await;
        mirror.fake.generate("customer", 150).unwrap();
        stops::<Customer>(&mirror, "/v1/events", how).await;
        mirror.sync_all::<Customer>().await;
        mirror.assert_truth::<Customer>().await;
    }
}

/// Two subscriptions, one of them with so many items.
async fn with_items(seed: u64, items: usize, quirks: Quirks) -> Mirror {
    let mirror = Mirror::start(seed).await;
    mirror.fake.quirks(quirks);
    let created = mirror.fake.create("customer", json!({"id": "cus_1"}));
    created.unwrap();
    for id in ["sub_1", "sub_2"] {
        let rows = vec![json!({}); if id == "sub_1" { items } else { 1 }];
        let subscription = json!({"id": id, "customer": "cus_1", "items": rows});
        mirror.fake.create("subscription", subscription).unwrap();
    }
    // No event tells of them any more, so each is read once.
    mirror.fake.advance(std::time::Duration::from_secs(86_400));
    mirror
}

#[tokio::test]
async fn a_list_inside_an_object_that_does_not_end_is_a_failure_of_the_object() {
    for how in ALL {
        let mirror = with_items(122, 150, Quirks::new().endless_list(ITEMS, how)).await;
        let report = mirror.sync_all::<Subscription>().await;
        assert_eq!((report.inserted, report.failed), (1, 1), "{how:?} {report}");
        let reason = &report.failures[0].reason;
        assert!(
            reason.contains(ITEMS) && reason.contains("does not end"),
            "{how:?}: {reason}"
        );
        assert!(mirror.requests(ITEMS) < ENOUGH, "{how:?}");
        mirror.fake.quirks(Quirks::new());
        let report = mirror.sync_all::<Subscription>().await;
        assert_eq!((report.inserted, report.failed), (1, 0), "{report}");
    }
}

async fn items(mirror: &Mirror) -> Vec<String> {
    let rows = mirror.rows("subscriptions").await;
    let items = rows["sub_1"]["items"]["data"].as_array().unwrap();
    let mut ids: Vec<String> = items
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

fn alive_items(mirror: &Mirror) -> Vec<String> {
    let truth = mirror.fake.truth("subscription_item");
    let of_first = truth
        .iter()
        .filter(|item| item["subscription"] == "sub_1")
        .map(|item| item["id"].as_str().unwrap().to_owned());
    let mut ids: Vec<String> = of_first.collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn an_element_that_comes_twice_is_written_once() {
    let twice = Quirks::new().overlapping_pages(true);
    let mirror = Mirror::start(123).await;
    mirror.fake.quirks(twice.clone());
    mirror.fake.generate("customer", 550).unwrap();
    let report = mirror.sync_all::<Customer>().await;
    assert_eq!((report.inserted, report.updated), (550, 0), "{report}");
    assert!(report.warnings.is_empty(), "{report}");
    mirror.assert_truth::<Customer>().await;

    let mirror = with_items(124, 250, twice).await;
    let report = mirror.sync_all::<Subscription>().await;
    assert!(report.is_complete(), "{report}");
    assert_eq!(alive_items(&mirror).len(), 250);
    assert_eq!(items(&mirror).await, alive_items(&mirror));
    assert!(report.warnings.is_empty(), "{report}");
}

async fn counted(seed: u64, items: usize, wrong_by: i64) -> (Mirror, Report) {
    let quirks = Quirks::new().wrong_total_count(wrong_by);
    let mirror = with_items(seed, items, quirks).await;
    let report = mirror.sync_all::<Subscription>().await;
    assert_eq!((report.inserted, report.failed), (2, 0), "{report}");
    (mirror, report)
}

#[tokio::test]
async fn a_list_that_has_another_number_than_it_says_is_read_again_and_told() {
    let (mirror, report) = counted(125, 15, 0).await;
    assert_eq!((mirror.requests(ITEMS), report.warnings.len()), (1, 0));

    // The cut list is read twice, the other one, which came with its object, once more.
    for wrong_by in [-1, 2] {
        let (mirror, report) = counted(126, 15, wrong_by).await;
        assert_eq!(mirror.requests(ITEMS), 3, "{report}");
        assert_eq!(report.warnings.len(), 2, "{report}");
        let said = report.warnings.join("\n");
        for part in ["sub_1", "sub_2", ITEMS, "15 were read"] {
            assert!(said.contains(part), "{said}");
        }
        assert_eq!(items(&mirror).await, alive_items(&mirror));
        let rows = mirror.rows("subscriptions").await;
        assert_eq!(rows["sub_1"]["items"]["has_more"], false);
    }

    // A key that may not read items gets what came.
    let quirks = Quirks::new().wrong_total_count(1);
    let mirror = with_items(127, 3, quirks).await;
    mirror.syncer.ensure_table::<Subscription>().await.unwrap();
    let key = mirror.restricted_key(["subscription", "test_helpers.test_clock"]);
    let restricted = mirror.with_other_key(&key);
    let report = restricted.sync_all::<Subscription>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (2, 0), "{report}");
    assert!(
        report.warnings.join("\n").contains("was not read again"),
        "{report}"
    );
}
