//! Items of subscriptions have no events of their own: those of the subscription tell a run what changed behind it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use stripe_sync::testing::{FakeAccount, Phase};
use stripe_sync::{Json, Report, StripeSync, SyncAllOptions};

use super::mirror::Mirror;

const ITEMS: &str = "/v1/subscription_items";
const ONE_ITEM: &str = "/v1/subscription_items/{id}";
/// More than are asked for at once.
const SUBSCRIPTIONS: usize = 40;
const DAY: Duration = Duration::from_secs(86_400);

#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "items")]
struct Item {
    id: String,
    subscription: String,
    quantity: Option<i64>,
    #[stripe(raw)]
    object: Json<Value>,
}

/// Its rows do not say whose they are.
#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "loose_items")]
struct LooseItem {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

/// Subscriptions with a few items each, of long ago: no event tells of them.
async fn subscriptions(seed: u64) -> Mirror {
    let mirror = Mirror::start(seed).await;
    mirror.fake.generate("customer", 3).unwrap();
    mirror.fake.generate("subscription", SUBSCRIPTIONS).unwrap();
    for subscription in mirror.fake.ids("subscription") {
        for _ in 0..2 {
            let child = json!({"subscription": subscription});
            mirror.fake.create("subscription_item", child).unwrap();
        }
    }
    mirror.fake.advance(DAY);
    mirror
}

/// When the items of the last subscription are asked for, `change` is told the items of the first, which were answered.
fn meanwhile(mirror: &Mirror, change: impl Fn(&FakeAccount, &[String]) + Send + Sync + 'static) {
    mirror.fake.reset_requests();
    let first = Arc::new(Mutex::new(Vec::new()));
    let answered = Arc::clone(&first);
    mirror.fake.on_request(Phase::After, move |view| {
        let mut answered = answered.lock().unwrap();
        if view.endpoint() == ITEMS && answered.is_empty() {
            answered.extend(view.ids().map(str::to_owned));
        }
    });
    mirror.fake.on_request(Phase::Before, move |view| {
        if view.endpoint() == ITEMS && view.nth() == SUBSCRIPTIONS as u64 {
            change(view.account(), &first.lock().unwrap());
        }
    });
}

fn subscription_of(account: &FakeAccount, item: &str) -> Value {
    account.get(item).unwrap()["subscription"].take()
}

/// Adds an item, updates one and removes one of the same subscription.
fn change_three(account: &FakeAccount, items: &[String]) {
    let subscription = subscription_of(account, &items[0]);
    let added = json!({"id": "si_added", "subscription": subscription});
    account.create("subscription_item", added).unwrap();
    account.update(&items[0], json!({"quantity": 77})).unwrap();
    account.delete(&items[1]).unwrap();
}

/// One list of the subscription, and a read of each item that the list or the table has.
fn assert_costs(mirror: &Mirror, report: &Report, items: usize) {
    assert_eq!(mirror.requests(ITEMS), SUBSCRIPTIONS + 1, "{report}");
    assert_eq!(mirror.requests(ONE_ITEM), items, "{report}");
    assert_eq!(report.replayed, items as u64, "{report}");
}

#[tokio::test]
async fn items_that_change_behind_the_reader_are_read_again() {
    let mirror = subscriptions(120).await;
    let known = Arc::new(Mutex::new(0));
    let first = Arc::clone(&known);
    meanwhile(&mirror, move |account, items| {
        *first.lock().unwrap() = items.len();
        change_three(account, items);
    });
    let report = mirror.sync_all::<Item>().await;
    mirror.assert_truth::<Item>().await;
    assert_eq!((report.updated, report.deleted), (1, 1), "{report}");
    let known = *known.lock().unwrap();
    assert_costs(&mirror, &report, known + 1);
}

/// Of the subscription there are more events than a page has.
#[tokio::test]
async fn a_parent_is_listed_once_however_many_events_name_it() {
    let mirror = subscriptions(121).await;
    let known = Arc::new(Mutex::new(0));
    let first = Arc::clone(&known);
    meanwhile(&mirror, move |account, items| {
        *first.lock().unwrap() = items.len();
        for quantity in 1_000..1_250 {
            let changes = json!({"quantity": quantity});
            account.update(&items[0], changes).unwrap();
        }
    });
    let report = mirror.sync_all::<Item>().await;
    mirror.assert_truth::<Item>().await;
    assert!(mirror.requests("/v1/events") > 2, "{report}");
    let known = *known.lock().unwrap();
    assert_costs(&mirror, &report, known);
}

/// A subscription that was made, with its items, after the page on which it would have been.
#[tokio::test]
async fn items_of_a_new_parent_are_read() {
    let mirror = subscriptions(122).await;
    meanwhile(&mirror, |account, _| {
        let rows: Vec<Value> = (0..12)
            .map(|quantity| json!({"quantity": quantity}))
            .collect();
        let customer = account.ids("customer").remove(0);
        let made = json!({"customer": customer, "items": rows});
        account.create("subscription", made).unwrap();
    });
    let report = mirror.sync_all::<Item>().await;
    mirror.assert_truth::<Item>().await;
    assert_costs(&mirror, &report, 12);
}

/// Such a run confirms no deletions but those that events tell of.
#[tokio::test]
async fn a_run_of_only_what_is_newer_sees_them_too() {
    let mirror = subscriptions(123).await;
    mirror.sync_all::<Item>().await;
    mirror.fake.advance(DAY);
    let subscription = mirror.fake.ids("subscription").remove(7);
    let items = mirror.fake.truth("subscription_item");
    let items = items
        .iter()
        .filter(|item| item["subscription"] == *subscription);
    let items: Vec<String> = items
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect();
    change_three(&mirror.fake, &items);
    let newer = SyncAllOptions::default().incremental(true);
    let report = mirror.syncer.sync_all_with::<Item>(newer).await.unwrap();
    mirror.assert_truth::<Item>().await;
    assert_eq!(report.deleted, 1, "{report}");
}

/// An item that was removed is found by the column that names its subscription; without it by the next run.
#[tokio::test]
async fn without_a_column_of_the_parent_a_removed_item_stays_until_the_next_run() {
    let mirror = subscriptions(124).await;
    meanwhile(&mirror, change_three);
    let report = mirror.sync_all::<LooseItem>().await;
    assert_eq!((report.updated, report.deleted), (1, 0), "{report}");
    let rows = mirror.rows("loose_items").await;
    assert!(rows.contains_key("si_added"));
    assert_eq!(rows.len(), mirror.fake.count("subscription_item") + 1);

    mirror.fake.clear_request_hooks();
    let report = mirror.sync_all::<LooseItem>().await;
    assert_eq!(report.deleted, 1, "{report}");
    mirror.assert_truth::<LooseItem>().await;
}
