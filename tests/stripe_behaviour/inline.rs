//! Trap 10: lists inside objects, of which Stripe shows ten elements. A model that keeps such a list has all of it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use stripe_sync::testing::Phase;
use stripe_sync::{IdOutcome, Json, StripeSync};

use super::mirror::Mirror;
use super::models::Subscription;

const ITEMS: &str = "/v1/subscription_items";

/// The lines alone, kept whole.
#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoice_lines")]
struct InvoiceLines {
    id: String,
    #[stripe(path = lines)]
    object: Json<Value>,
}

/// Nothing of the list is kept.
#[derive(StripeSync)]
#[stripe(object = "subscription", table = "statuses")]
struct Status {
    id: String,
    status: String,
}

/// An element that came.
#[derive(StripeSync)]
#[stripe(object = "subscription", table = "first_items")]
struct FirstItem {
    id: String,
    #[stripe(path = items.data[0].id)]
    item: Option<String>,
}

/// An element that did not come.
#[derive(StripeSync)]
#[stripe(object = "subscription", table = "thirteenth_items")]
struct ThirteenthItem {
    id: String,
    #[stripe(path = items.data[12].id)]
    item: Option<String>,
}

/// A parent with so many children; no other has any.
fn parent_of(mirror: &Mirror, id: &str, object: &str, child: &str, children: usize) {
    mirror.fake.create("customer", json!({"id": "cus_1"})).ok();
    let mut parent = json!({"id": id, "customer": "cus_1"});
    if object == "invoice" {
        // Only drafts take lines.
        parent["status"] = "draft".into();
    }
    mirror.fake.create(object, parent).unwrap();
    let others = mirror.fake.count(child);
    for _ in others..children {
        mirror.fake.create_child(id, child, json!({})).unwrap();
    }
    assert_eq!(mirror.fake.count(child), children);
}

fn by_id(elements: &[Value]) -> BTreeMap<String, Value> {
    let id = |element: &Value| element["id"].as_str().unwrap().to_owned();
    elements
        .iter()
        .map(|element| (id(element), element.clone()))
        .collect()
}

/// A stored list has every child once, those that came with the object first, and says that there is nothing more.
fn assert_whole(mirror: &Mirror, list: &Value, shown: &Value, child: &str) {
    assert_eq!(shown["has_more"], true, "the list was not cut");
    let (data, came) = (list["data"].as_array().unwrap(), &shown["data"]);
    assert_eq!(&data[..10], came.as_array().unwrap().as_slice());
    let truth = mirror.fake.truth(child);
    assert_eq!(data.len(), truth.len());
    assert_eq!(by_id(data), by_id(&truth));
    assert_eq!(list["has_more"], false);
    assert_eq!(list["url"], shown["url"]);
}

fn shown(mirror: &Mirror, object: &str, member: &str) -> Value {
    mirror.fake.truth(object).remove(0)[member].take()
}

#[tokio::test]
async fn a_subscription_of_fifteen_items_is_stored_with_fifteen() {
    let mirror = Mirror::start(100).await;
    parent_of(&mirror, "sub_1", "subscription", "subscription_item", 15);
    let items = shown(&mirror, "subscription", "items");
    mirror.sync_all::<Subscription>().await;
    let rows = mirror.rows("subscriptions").await;
    assert_whole(
        &mirror,
        &rows["sub_1"]["items"],
        &items,
        "subscription_item",
    );
    // All else is as it was sent.
    let (mut row, mut truth) = (
        rows["sub_1"].clone(),
        mirror.fake.truth("subscription").remove(0),
    );
    row["items"].take();
    truth["items"].take();
    assert_eq!(row, truth);

    for _ in 0..5 {
        let more = mirror
            .fake
            .create_child("sub_1", "subscription_item", json!({}));
        more.unwrap();
    }
    let items = shown(&mirror, "subscription", "items");
    let before = mirror.requests(ITEMS);
    let report = mirror.syncer.sync_by_ids::<Subscription>(["sub_1"]).await;
    let report = report.unwrap();
    assert_eq!(report.outcome("sub_1"), Some(&IdOutcome::Updated));
    assert_eq!(mirror.requests(ITEMS), before + 1);
    assert_eq!(report.report.requests, 2);
    let rows = mirror.rows("subscriptions").await;
    assert_whole(
        &mirror,
        &rows["sub_1"]["items"],
        &items,
        "subscription_item",
    );
}

#[tokio::test]
async fn an_invoice_of_five_hundred_lines_is_stored_with_all() {
    let mirror = Mirror::start(101).await;
    parent_of(&mirror, "in_1", "invoice", "line_item", 500);
    // No event tells of it any more, so it is read once.
    mirror.fake.advance(Duration::from_secs(86_400));
    let lines = shown(&mirror, "invoice", "lines");
    mirror.sync_all::<InvoiceLines>().await;
    let rows = mirror.rows("invoice_lines").await;
    assert_whole(&mirror, &rows["in_1"], &lines, "line_item");
    // 490 lines are five pages.
    assert_eq!(mirror.requests("/v1/invoices/{id}/lines"), 5);

    let object = mirror.fake.truth("invoice").remove(0);
    let token = mirror.syncer.start_read().await.unwrap();
    let object = stripe_sync::StripeObject::from_json(object.to_string()).unwrap();
    let outcome = mirror
        .syncer
        .sync::<InvoiceLines>(object.read_since(token))
        .await;
    assert_eq!(outcome.unwrap(), IdOutcome::Unchanged);
    let rows = mirror.rows("invoice_lines").await;
    assert_whole(&mirror, &rows["in_1"], &lines, "line_item");
}

#[tokio::test]
async fn only_a_model_that_keeps_what_is_missing_asks_for_it() {
    let mirror = Mirror::start(102).await;
    parent_of(&mirror, "sub_1", "subscription", "subscription_item", 15);
    mirror.sync_all::<Status>().await;
    mirror.sync_all::<FirstItem>().await;
    assert_eq!(mirror.requests(ITEMS), 0);
    mirror.sync_all::<ThirteenthItem>().await;
    let sql = "SELECT item FROM thirteenth_items WHERE id = 'sub_1'";
    let item: Option<String> = stripe_sync::reexport::sqlx::query_scalar(sql)
        .fetch_one(&mirror.pool)
        .await
        .unwrap();
    let shown = by_id(
        shown(&mirror, "subscription", "items")["data"]
            .as_array()
            .unwrap(),
    );
    let item = item.unwrap();
    assert!(mirror.fake.ids("subscription_item").contains(&item) && !shown.contains_key(&item));
}

/// Subscriptions of long ago, every third of them with so many items.
async fn every_third(seed: u64, subscriptions: usize, items: usize) -> Mirror {
    let mirror = Mirror::start(seed).await;
    // Customers from the account's first second, so that subscriptions are as many at any time.
    let first = mirror.fake.now() - 3 * 365 * 86_400;
    let first = first..=first;
    mirror.fake.generate_between("customer", 2, first).unwrap();
    let made = mirror.fake.generate("subscription", subscriptions).unwrap();
    for subscription in made.iter().step_by(3) {
        let rows = vec![json!({}); items];
        mirror
            .fake
            .update(subscription, json!({"items": rows}))
            .unwrap();
    }
    mirror.fake.advance(Duration::from_secs(86_400));
    mirror.syncer.ensure_table::<Subscription>().await.unwrap();
    mirror.syncer.ensure_table::<Status>().await.unwrap();
    mirror
}

#[tokio::test]
async fn a_plan_counts_the_requests_for_the_rest_of_lists() {
    // Two of six, each of which takes two pages more.
    let mirror = every_third(105, 6, 150).await;
    let plan = mirror.syncer.plan::<Subscription>().await.unwrap();
    let without = mirror.syncer.plan::<Status>().await.unwrap();
    assert_eq!(plan.requests, without.requests + 4, "{plan}");
    assert!(plan.exact && without.exact, "{plan}");
    // The model's own lists of subscriptions and of test clocks.
    assert_eq!((plan.probes, without.probes), (2 + 4, 2));
    mirror.sync_all::<Subscription>().await;
    assert_eq!(mirror.requests(ITEMS), 2 * 4);

    // Read in parts: a hundred of three hundred.
    let mirror = every_third(106, 300, 12).await;
    let plan = mirror.syncer.plan::<Subscription>().await.unwrap();
    let without = mirror.syncer.plan::<Status>().await.unwrap();
    let rests = plan.requests - without.requests;
    assert!((60..=140).contains(&rests), "{plan} without: {without}");
    assert!(!plan.exact && plan.estimated, "{plan:?}");
    assert!(plan.probes <= without.probes + 4, "{plan:?}");

    // Longer than a plan reads: there is more than it says.
    let mirror = every_third(107, 1, 640).await;
    let plan = mirror.syncer.plan::<Subscription>().await.unwrap();
    assert!(!plan.exact && !plan.estimated, "{plan:?}");
    assert!(plan.to_string().contains("at least"), "{plan}");
}

/// The element after which the rest is asked for is removed before it is asked for.
#[tokio::test]
async fn a_list_whose_cursor_vanished_is_read_from_its_beginning() {
    let mirror = Mirror::start(103).await;
    parent_of(&mirror, "sub_1", "subscription", "subscription_item", 15);
    mirror.syncer.ensure_table::<Subscription>().await.unwrap();
    let last = shown(&mirror, "subscription", "items")["data"][9]["id"].take();
    mirror.fake.on_request(Phase::After, move |view| {
        if view.endpoint() == "/v1/subscriptions/{id}" && view.nth() == 1 {
            view.account().delete(last.as_str().unwrap()).unwrap();
        }
    });
    let report = mirror.syncer.sync_by_ids::<Subscription>(["sub_1"]).await;
    let report = report.unwrap();
    assert_eq!(report.outcome("sub_1"), Some(&IdOutcome::Inserted));
    assert_eq!(mirror.requests(ITEMS), 2);
    let items = shown(&mirror, "subscription", "items");
    let rows = mirror.rows("subscriptions").await;
    assert_whole(
        &mirror,
        &rows["sub_1"]["items"],
        &items,
        "subscription_item",
    );
}

/// The key may read subscriptions, and not their items.
#[tokio::test]
async fn an_object_whose_list_is_refused_is_not_stored_without_it() {
    let mirror = Mirror::start(104).await;
    parent_of(&mirror, "sub_1", "subscription", "subscription_item", 15);
    let other = json!({"id": "sub_2", "customer": "cus_1"});
    mirror.fake.create("subscription", other).unwrap();
    mirror.syncer.ensure_table::<Subscription>().await.unwrap();
    let key = mirror.restricted_key(["subscription", "test_helpers.test_clock"]);
    let restricted = mirror.with_other_key(&key);

    // The plan has the request that will be refused.
    let plan = restricted.plan::<Subscription>().await.unwrap();
    let without = restricted.plan::<Status>().await.unwrap();
    assert_eq!(plan.requests, without.requests + 1, "{plan}");

    let report = restricted.sync_all::<Subscription>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (1, 1), "{report}");
    let failed = restricted.failed_rows::<Subscription>().await.unwrap();
    assert_eq!(failed[0].id, "sub_1");
    assert!(failed[0].reason.contains(ITEMS), "{}", failed[0].reason);
    let report = restricted.sync_by_ids::<Subscription>(["sub_1"]).await;
    let report = report.unwrap();
    assert!(
        matches!(report.outcome("sub_1"), Some(IdOutcome::Failed(_))),
        "{}",
        report.report
    );
    let rows = mirror.rows("subscriptions").await;
    assert_eq!(rows.keys().collect::<Vec<_>>(), ["sub_2"]);

    let report = mirror.sync_all::<Subscription>().await;
    assert_eq!((report.inserted, report.failed), (1, 0), "{report}");
    assert!(
        mirror
            .syncer
            .failed_rows::<Subscription>()
            .await
            .unwrap()
            .is_empty()
    );
}
