//! Events that cannot be read are dead letters, and in no other's way.

use serde_json::{Value, json};
use stripe_sync::live::{EventFilter, EventState, InboxEvent, Live};

use super::service::{Coupon, Customer, Service, deliver, deliver_all, process};

/// What is wrong with an event, each in another way.
fn broken(event: &Value) -> Vec<Value> {
    let with = |path: &[&str], value: Value| {
        let mut event = event.clone();
        let (last, path) = path.split_last().unwrap();
        let mut place = &mut event;
        for name in path {
            place = &mut place[*name];
        }
        place[*last] = value;
        event
    };
    let long = "c".repeat(300);
    vec![
        with(&["data", "previous_attributes"], json!([])),
        with(&["data", "object", "id"], json!(long)),
        with(&["created"], json!("yesterday")),
        with(&["id"], json!(long)),
        with(&["type"], json!(7)),
    ]
}

async fn dead(live: &Live) -> Vec<InboxEvent> {
    let dead = EventFilter::new().state(EventState::Dead);
    live.events(&dead).await.unwrap()
}

pub(crate) async fn an_unreadable_delivery_is_kept_with_its_bytes(service: &Service) {
    let live = service.live();
    service
        .fake
        .create("customer", json!({"name": "a"}))
        .unwrap();
    let delivery = service.fake.take_deliveries().remove(0);
    let broken = broken(&delivery.event());
    for (number, event) in broken.iter().enumerate() {
        let mut delivery = delivery.clone();
        let mut event = event.clone();
        if event["id"].as_str().unwrap().len() < 100 {
            event["id"] = format!("evt_broken_{number}").into();
        }
        delivery.body = event.to_string().into();
        // Twice: the same bytes are one dead letter.
        for _ in 0..2 {
            assert_eq!(deliver(&live, &delivery).await, 200, "{number}");
        }
        let kept = dead(&live).await;
        assert_eq!(kept.len(), number + 1);
        let is_this =
            |kept: &&InboxEvent| serde_json::from_slice::<Value>(&kept.payload).unwrap() == event;
        let kept = kept.iter().find(is_this);
        let reason = kept.and_then(|kept| kept.reason.as_deref());
        assert!(
            reason.is_some_and(|reason| reason.contains("expected")),
            "{reason:?}"
        );
    }
    // What is no event at all is none.
    let mut other = delivery.clone();
    other.body = r#"{"object": "customer", "id": "cus_1"}"#.into();
    assert_eq!(deliver(&live, &other).await, 400);
    assert_eq!(deliver(&live, &delivery).await, 200);
    process(&live).await;
    service.assert_truth::<Customer>().await;
}

pub(crate) async fn an_unreadable_event_of_a_batch_leaves_the_others(service: &Service) {
    let live = service.live();
    for name in ["a", "b", "c"] {
        service
            .fake
            .create("customer", json!({ "name": name }))
            .unwrap();
    }
    let deliveries = service.fake.take_deliveries();
    let mut events: Vec<Value> = deliveries.iter().map(|delivery| delivery.event()).collect();
    events[1]["data"]["previous_attributes"] = json!([]);
    let batch: Vec<Value> = events
        .iter()
        .map(|event| json!({"specversion": "1.0", "type": "customer.created", "data": event}))
        .collect();
    let response = live.receive_trusted(Value::from(batch).to_string()).await;
    assert_eq!(response.status().as_u16(), 200);
    let processed = process(&live).await;
    assert_eq!((processed.objects, dead(&live).await.len()), (2, 1));
}

pub(crate) async fn an_unreadable_event_of_a_list_leaves_the_others(service: &Service) {
    let live = service.live();
    live.catch_up().await.unwrap();
    let new = service
        .fake
        .create("customer", json!({"name": "a"}))
        .unwrap();
    service.fake.create("coupon", json!({"name": "b"})).unwrap();
    drop(service.fake.take_deliveries());
    let wrong = json!({"id": "c".repeat(300), "object": "customer"});
    service
        .fake
        .record_event("customer.updated", &wrong)
        .unwrap();
    let caught_up = live.catch_up().await.unwrap();
    assert_eq!((caught_up.listed, caught_up.new), (3, 3));
    process(&live).await;
    service.assert_truth::<Customer>().await;
    service.assert_truth::<Coupon>().await;
    assert_eq!(dead(&live).await.len(), 1);
    // It is known by the next look.
    assert_eq!(live.catch_up().await.unwrap().new, 0);
    assert_eq!(new["name"], "a");
}

/// The preview of an invoice has an id that no request answers.
pub(crate) async fn a_preview_costs_no_request(service: &Service) {
    let live = service.live();
    let preview = json!({"id": "upcoming_in_1", "object": "customer"});
    service
        .fake
        .record_event("invoice.upcoming", &preview)
        .unwrap();
    deliver_all(service, &live).await;
    service.fake.reset_requests();
    assert_eq!(process(&live).await.requests, 0);
    let ignored = EventFilter::new().state(EventState::Ignored);
    let ignored = live.events(&ignored).await.unwrap();
    let reason = ignored[0].reason.as_deref().unwrap_or_default();
    assert!(reason.contains("preview"), "{reason}");
}
