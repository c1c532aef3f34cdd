//! Children are written with their parents: an event of the parent leaves both equal, without a request for each child.

use serde_json::{Value, json};
use stripe_sync::live::Live;
use stripe_sync::webhook::WebhookSecret;
use stripe_sync::{Json, StripeSync};

use super::service::{Service, deliver_all, process};

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "plans_of_customers")]
struct Subscription {
    id: String,
    status: String,
    #[stripe(children)]
    items: Vec<Item>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "items_of_plans")]
struct Item {
    id: String,
    #[stripe(parent)]
    subscription: String,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "bills")]
struct Invoice {
    id: String,
    status: Option<String>,
    #[stripe(children)]
    lines: Vec<Line>,
}

#[derive(StripeSync)]
#[stripe(object = "line_item", table = "lines_of_bills", on_delete = hard)]
struct Line {
    id: String,
    #[stripe(parent)]
    invoice: String,
    #[stripe(raw)]
    object: Json<Value>,
}

/// Used alone: no model has its parents.
#[derive(StripeSync)]
#[stripe(object = "line_item", table = "lone_lines")]
struct LoneLine {
    id: String,
    #[stripe(parent)]
    invoice: String,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "lone_items", on_delete = hard)]
struct LoneItem {
    id: String,
    #[stripe(parent)]
    subscription: String,
    #[stripe(raw)]
    object: Json<Value>,
}

/// A service that mirrors children alone.
async fn alone(service: &Service) -> Live {
    service.syncer.ensure_table::<LoneLine>().await.unwrap();
    service.syncer.ensure_table::<LoneItem>().await.unwrap();
    let live = Live::builder(service.syncer.clone());
    let live = live.model::<LoneLine>().model::<LoneItem>();
    let secret = WebhookSecret::new(&service.endpoint.secret).unwrap();
    live.secret(secret).build().unwrap()
}

async fn with_parents(service: &Service) -> Live {
    service.syncer.ensure_table::<Subscription>().await.unwrap();
    service.syncer.ensure_table::<Invoice>().await.unwrap();
    let live = service.builder().model::<Subscription>();
    live.model::<Invoice>().build().unwrap()
}

fn add_items(service: &Service, subscription: &str, items: usize) {
    for _ in 0..items {
        let item = json!({});
        let made = service
            .fake
            .create_child(subscription, "subscription_item", item);
        made.unwrap();
    }
}

fn add_lines(service: &Service, invoice: &str, lines: usize) {
    for _ in 0..lines {
        let made = service.fake.create_child(invoice, "line_item", json!({}));
        made.unwrap();
    }
}

/// Items and lines come, change and go; `arrive` delivers what there is.
async fn change(service: &Service, live: &Live, assert_truth: impl AsyncFn(&Service)) {
    let fake = &service.fake;
    let arrive = async || {
        deliver_all(service, live).await;
        process(live).await;
        assert_truth(service).await;
    };
    fake.create("customer", json!({"id": "cus_1"})).unwrap();
    fake.create("subscription", json!({"id": "sub_1", "customer": "cus_1"}))
        .unwrap();
    for id in ["in_1", "in_2"] {
        let draft = json!({"id": id, "customer": "cus_1", "status": "draft"});
        fake.create("invoice", draft).unwrap();
        add_lines(service, id, 3);
    }
    add_items(service, "sub_1", 2);
    arrive().await;
    // More than the object itself shows.
    add_items(service, "sub_1", 12);
    add_lines(service, "in_1", 12);
    arrive().await;
    let items = fake.ids("subscription_item");
    fake.update(&items[0], json!({"quantity": 77})).unwrap();
    fake.delete(&items[1]).unwrap();
    let lines = fake.ids("line_item");
    fake.delete(&lines[0]).unwrap();
    arrive().await;
    fake.delete("in_1").unwrap();
    fake.delete("in_2").unwrap();
    let of_others = fake.count("line_item");
    assert!(of_others < lines.len(), "{of_others}");
    arrive().await;
    let counts = live.counts().await.unwrap();
    assert_eq!((counts.pending, counts.dead), (0, 0), "{counts:?}");
}

pub(crate) async fn an_event_of_a_parent_leaves_its_children_equal(service: &Service) {
    let live = with_parents(service).await;
    change(service, &live, async |service| {
        service.assert_truth::<Item>().await;
        service.assert_truth::<Line>().await;
    })
    .await;
    assert_eq!(service.requests("/v1/subscription_items/{id}"), 0);
    // Of the two lists that are longer than what Stripe shows inside.
    assert!(service.requests("/v1/invoices/{id}/lines") > 0);
    let marked = "SELECT COUNT(*) FROM items_of_plans WHERE stripe_deleted_at IS NOT NULL";
    assert_eq!(service.number(marked).await, 1);
    let sql = "SELECT COUNT(*) FROM lines_of_bills WHERE invoice IN ('in_1', 'in_2')";
    assert_eq!(service.number(sql).await, 0);
}

pub(crate) async fn children_alone_follow_the_events_of_their_parents(service: &Service) {
    let live = alone(service).await;
    change(service, &live, async |service| {
        service.assert_truth::<LoneItem>().await;
        service.assert_truth::<LoneLine>().await;
    })
    .await;
    assert_eq!(service.requests("/v1/subscription_items/{id}"), 0);
    assert_eq!(service.requests("/v1/subscriptions/{id}"), 0);
}

/// A backfill of children alone reads pages of their parents, and its sweep finds what is gone.
pub(crate) async fn children_alone_are_filled_from_pages_of_their_parents(service: &Service) {
    alone(service).await;
    let fake = &service.fake;
    fake.create("customer", json!({"id": "cus_1"})).unwrap();
    for number in 0..7 {
        let id = format!("in_{number}");
        let draft = json!({"id": id, "customer": "cus_1", "status": "draft"});
        fake.create("invoice", draft).unwrap();
        add_lines(service, &id, number + 1);
    }
    add_lines(service, "in_0", 250);
    fake.advance(std::time::Duration::from_secs(86_400));
    fake.reset_requests();
    let report = service.syncer.sync_all::<LoneLine>().await.unwrap();
    service.assert_truth::<LoneLine>().await;
    // Three pages of the long list, and none of each other invoice's.
    assert_eq!(service.requests("/v1/invoices/{id}/lines"), 3, "{report}");
    let before = fake.count("line_item");
    fake.delete("in_3").unwrap();
    fake.delete("in_4").unwrap();
    let gone = before - fake.count("line_item");
    fake.advance(std::time::Duration::from_secs(86_400));
    let report = service.syncer.sync_all::<LoneLine>().await.unwrap();
    service.assert_truth::<LoneLine>().await;
    assert_eq!(report.deleted, gone as u64, "{report}");
}

/// A key of another account finds no parent at all: after a few of them no row goes any more.
pub(crate) async fn children_alone_stay_where_no_parent_is_found(service: &Service) {
    const DRAFTS: usize = 7;
    let live = alone(service).await;
    let fake = &service.fake;
    fake.create("customer", json!({"id": "cus_1"})).unwrap();
    let draft = |number: usize| format!("in_{number}");
    for number in 0..DRAFTS {
        let made = json!({"id": draft(number), "customer": "cus_1", "status": "draft"});
        fake.create("invoice", made).unwrap();
        add_lines(service, &draft(number), 1);
    }
    deliver_all(service, &live).await;
    process(&live).await;
    service.assert_truth::<LoneLine>().await;
    for number in 0..DRAFTS {
        let words = json!({"description": "changed"});
        fake.update(&draft(number), words).unwrap();
        fake.delete(&draft(number)).unwrap();
    }
    // Nothing tells of the deletions.
    for delivery in fake.take_deliveries() {
        if delivery.event()["type"] == "invoice.updated" {
            assert_eq!(super::service::deliver(&live, &delivery).await, 200);
        }
    }
    live.drain().await.unwrap();
    let left = "SELECT COUNT(DISTINCT invoice) FROM lone_lines \
                WHERE LENGTH(invoice) = 4 AND stripe_deleted_at IS NULL";
    assert_eq!(service.number(left).await, 2);
}
