//! Traps 10 and 11: an event carries ten elements of a list at the most, and what is removed from a list is told by an event
//! of the object that holds it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::service::{Service, deliver, process};

/// A subscription with so many items.
fn subscription(service: &Service, items: usize) {
    let fake = &service.fake;
    fake.create("customer", json!({"id": "cus_1"})).unwrap();
    let made = json!({"id": "sub_1", "customer": "cus_1"});
    fake.create("subscription", made).unwrap();
    for _ in fake.count("subscription_item")..items {
        let child = fake.create_child("sub_1", "subscription_item", json!({}));
        child.unwrap();
    }
    assert_eq!(fake.count("subscription_item"), items);
}

/// Delivers the events of a type that are due, and drops the others; answers the objects that they carried.
async fn deliver_only(service: &Service, kind: &str) -> Vec<Value> {
    let live = service.live();
    let mut carried = Vec::new();
    for delivery in service.fake.take_deliveries() {
        let mut event = delivery.event();
        if event["type"] == kind {
            assert_eq!(deliver(&live, &delivery).await, 200);
            carried.push(event["data"]["object"].take());
        }
    }
    process(&live).await;
    carried
}

fn by_id(elements: &[Value]) -> BTreeMap<String, Value> {
    let id = |element: &Value| element["id"].as_str().unwrap().to_owned();
    elements
        .iter()
        .map(|element| (id(element), element.clone()))
        .collect()
}

/// The stored items are all that the subscription has.
async fn assert_items(service: &Service) {
    let rows = service.rows("subscriptions").await;
    let items = &rows["sub_1"]["items"];
    let stored = items["data"].as_array().unwrap();
    let truth = service.fake.truth("subscription_item");
    assert_eq!(stored.len(), truth.len());
    assert_eq!(by_id(stored), by_id(&truth));
    assert_eq!(items["has_more"], false);
}

pub(crate) async fn an_event_that_carries_ten_items_brings_all(service: &Service) {
    subscription(service, 15);
    let carried = deliver_only(service, "customer.subscription.updated").await;
    let last = carried.last().unwrap();
    assert_eq!(last["items"]["data"].as_array().unwrap().len(), 10);
    assert_eq!(last["items"]["has_more"], true);
    assert_items(service).await;
    assert_eq!(service.requests("/v1/subscription_items"), 1);
}

pub(crate) async fn an_item_that_was_removed_leaves_the_row(service: &Service) {
    subscription(service, 2);
    for more in [1, 12] {
        for _ in 0..more {
            let fake = &service.fake;
            let child = fake.create_child("sub_1", "subscription_item", json!({}));
            child.unwrap();
        }
        deliver_only(service, "customer.subscription.updated").await;
        assert_items(service).await;
        let shown = service.fake.truth("subscription").remove(0);
        let removed = shown["items"]["data"][1]["id"].as_str().unwrap();
        let rows = service.rows("subscriptions").await;
        assert!(rows["sub_1"].to_string().contains(removed));

        service.fake.delete(removed).unwrap();
        let carried = deliver_only(service, "customer.subscription.updated").await;
        assert_eq!(carried.len(), 1);
        assert_items(service).await;
        let rows = service.rows("subscriptions").await;
        assert!(!rows["sub_1"].to_string().contains(removed));
    }
}
