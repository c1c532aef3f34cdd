//! Trap 11: items of a subscription have no events of their own; those of the subscription lead to them.

use serde_json::{Value, json};
use stripe_sync::live::Live;
use stripe_sync::testing::Faults;
use stripe_sync::webhook::WebhookSecret;
use stripe_sync::{Json, StripeSync};

use super::service::{Service, deliver, deliver_all, process};

#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "items")]
struct Item {
    id: String,
    subscription: String,
    #[stripe(raw)]
    object: Json<Value>,
}

/// The same, and a row that is gone is removed.
#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "kept_items", on_delete = hard)]
struct KeptItem {
    id: String,
    #[stripe(path = subscription)]
    of: String,
    #[stripe(raw)]
    object: Json<Value>,
}

async fn tables(service: &Service) {
    service.syncer.ensure_table::<Item>().await.unwrap();
    service.syncer.ensure_table::<KeptItem>().await.unwrap();
    let fake = &service.fake;
    fake.create("customer", json!({"id": "cus_1"})).unwrap();
    for id in ["sub_1", "sub_2"] {
        let made = json!({"id": id, "customer": "cus_1"});
        fake.create("subscription", made).unwrap();
        add(service, id, 2);
    }
}

fn add(service: &Service, subscription: &str, items: usize) {
    for _ in 0..items {
        let fake = &service.fake;
        let child = fake.create_child(subscription, "subscription_item", json!({}));
        child.unwrap();
    }
}

/// Delivers the updates of subscriptions, and nothing else; answers how many there were.
async fn deliver_updates(service: &Service, live: &Live) -> usize {
    let mut delivered = 0;
    for delivery in service.fake.take_deliveries() {
        let kind = delivery.event()["type"].take();
        assert_ne!(
            kind.as_str().unwrap().split('.').next(),
            Some("subscription_item")
        );
        if kind == "customer.subscription.updated" {
            assert_eq!(deliver(live, &delivery).await, 200);
            delivered += 1;
        }
    }
    process(live).await;
    delivered
}

async fn changes_of_items_arrive(service: &Service, live: &Live) {
    tables(service).await;
    assert!(
        live.event_types()
            .contains(&"customer.subscription.updated")
    );
    assert!(deliver_updates(service, live).await > 0);
    service.assert_truth::<Item>().await;
    service.assert_truth::<KeptItem>().await;

    // More than the event and the object itself show.
    add(service, "sub_1", 12);
    let of_others = service.requests("/v1/subscription_items");
    assert!(deliver_updates(service, live).await > 0);
    service.assert_truth::<Item>().await;
    service.assert_truth::<KeptItem>().await;
    assert!(service.requests("/v1/subscription_items") > of_others);

    let shown = service.fake.truth("subscription");
    let shown = shown.iter().find(|one| one["id"] == "sub_1").unwrap();
    let data = shown["items"]["data"].as_array().unwrap();
    let (changed, removed) = (data[0]["id"].as_str(), data[1]["id"].as_str());
    let quantity = json!({"quantity": 77});
    service.fake.update(changed.unwrap(), quantity).unwrap();
    service.fake.delete(removed.unwrap()).unwrap();
    assert!(deliver_updates(service, live).await > 0);
    service.assert_truth::<Item>().await;
    service.assert_truth::<KeptItem>().await;
    let marked = "SELECT COUNT(*) FROM items WHERE stripe_deleted_at IS NOT NULL";
    assert_eq!(service.number(marked).await, 1);
    let sql = "SELECT COUNT(*) FROM kept_items";
    let kept = usize::try_from(service.number(sql).await).unwrap();
    assert_eq!(kept, service.fake.count("subscription_item"));
    let counts = live.counts().await.unwrap();
    assert_eq!((counts.pending, counts.dead), (0, 0), "{counts:?}");
}

pub(crate) async fn an_event_of_a_parent_brings_its_children(service: &Service) {
    let live = service.builder().model::<Item>().model::<KeptItem>();
    changes_of_items_arrive(service, &live.build().unwrap()).await;
}

/// The parent itself is in no table.
pub(crate) async fn an_event_of_a_parent_that_is_not_mirrored_brings_its_children(
    service: &Service,
) {
    let live = Live::builder(service.syncer.clone())
        .model::<Item>()
        .model::<KeptItem>()
        .secret(WebhookSecret::new(&service.endpoint.secret).unwrap())
        .build()
        .unwrap();
    changes_of_items_arrive(service, &live).await;
    assert_eq!(service.requests("/v1/subscriptions/{id}"), 0);
}

/// A model that cannot be told by any parent costs no list.
pub(crate) async fn an_event_of_a_parent_without_child_models_costs_one_read(service: &Service) {
    tables(service).await;
    let live = service.live();
    assert!(deliver_updates(service, &live).await > 0);
    assert_eq!(service.requests("/v1/subscription_items"), 0);
    assert_eq!(service.requests("/v1/subscriptions/{id}"), 2);
}

/// No event of its own can be the dead letter.
pub(crate) async fn a_child_that_fails_for_good_is_remembered(service: &Service) {
    tables(service).await;
    let live = service
        .builder()
        .model::<Item>()
        .max_attempts(1)
        .build()
        .unwrap();
    let faults = Faults::new(1).rate_500(1.0);
    let faults = faults.only("/v1/subscription_items/");
    service.fake.faults(faults);
    deliver_all(service, &live).await;
    let items = service.fake.ids("subscription_item");
    let processed = live.drain().await.unwrap();
    assert_eq!(processed.dead, items.len() as u64, "{processed:?}");
    let failed = service.syncer.failed_rows::<Item>().await.unwrap();
    let mut ids: Vec<String> = failed.into_iter().map(|row| row.id).collect();
    ids.sort_unstable();
    let mut items = items;
    items.sort_unstable();
    assert_eq!(ids, items);

    service.fake.faults(None);
    let report = service.syncer.sync_all::<Item>().await.unwrap();
    assert_eq!(report.failed, 0, "{report}");
    assert!(
        service
            .syncer
            .failed_rows::<Item>()
            .await
            .unwrap()
            .is_empty()
    );
    service.assert_truth::<Item>().await;
}
