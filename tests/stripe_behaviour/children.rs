//! Lists inside objects whose elements are rows: whatever comes and goes, their tables equal Stripe.

mod counted;
mod elements;
mod mixed;
mod stage;

use serde_json::json;
use stripe_sync::testing::FakeStripe;

use stage::{Invoice, Item, Line, Stage, Subscription, child, draft};

/// As many as Stripe shows inside, one more, and more than two pages.
const ITEMS: [usize; 4] = [1, 10, 11, 250];
const LINES: [usize; 4] = [1, 10, 11, 1_000];
const ITEM_LISTS: &str = "/v1/subscription_items";
const LINE_LISTS: &str = "/v1/invoices/{id}/lines";

on_each_database! {
    Stage, start, end:
    long_lists_are_whole_after_a_backfill
    what_changes_in_a_list_is_found_by_the_next_run
    what_changes_in_a_list_is_found_by_ids
    what_changes_in_a_list_is_found_by_events_of_its_parent
    a_deleted_draft_takes_its_lines
    a_canceled_subscription_keeps_its_items
}

/// Subscriptions and drafts with long lists; the last of each has the longest.
fn long_lists(stage: &Stage) -> (Vec<String>, Vec<String>) {
    let subscriptions = stage.copies("subscription", json!({"status": "active"}), "items", ITEMS);
    let drafts = stage.copies("invoice", draft(), "lines", LINES);
    (subscriptions, drafts)
}

async fn backfilled(stage: &Stage) -> (Vec<String>, Vec<String>) {
    stage.live.catch_up().await.unwrap();
    let made = long_lists(stage);
    stage.sync_all::<Subscription>().await;
    stage.sync_all::<Invoice>().await;
    // What is told of the originals is old.
    stage.follow().await;
    stage.fake.reset_requests();
    made
}

async fn assert_truth(stage: &Stage) {
    stage.assert_truth::<Item>().await;
    stage.assert_truth::<Line>().await;
}

/// The ids of the elements of an object, newest first.
fn elements(fake: &FakeStripe, parent: &str, object: &str) -> Vec<String> {
    let rows = fake.children(parent, object);
    let ids = rows
        .iter()
        .map(|row| row["id"].as_str().unwrap().to_owned());
    ids.collect()
}

/// Of one list, an element inside what Stripe shows and one behind it go; one changes, and one comes.
fn change(fake: &FakeStripe, parent: &str, object: &str, content: &str) {
    let ids = elements(fake, parent, object);
    for gone in [&ids[2], &ids[ids.len() - 1]] {
        fake.delete(gone).unwrap();
    }
    fake.update(&ids[5], json!({content: 77})).unwrap();
    fake.create_child(parent, object, json!({content: 5}))
        .unwrap();
}

/// The same in the last subscription and the last draft.
fn change_both(stage: &Stage, subscriptions: &[String], drafts: &[String]) {
    let subscription = subscriptions.last().unwrap();
    change(&stage.fake, subscription, "subscription_item", "quantity");
    change(&stage.fake, drafts.last().unwrap(), "line_item", "amount");
}

async fn long_lists_are_whole_after_a_backfill(stage: &Stage) {
    long_lists(stage);
    stage.fake.reset_requests();
    let report = stage.sync_all::<Subscription>().await;
    // The originals have one each.
    let items = 1 + ITEMS.iter().sum::<usize>() as u64;
    assert_eq!(child::<Item>(&report).inserted, items, "{report}");
    // One for the list of 11 and three for that of 250.
    assert_eq!(stage.requests(ITEM_LISTS), 4, "{report}");
    let report = stage.sync_all::<Invoice>().await;
    let lines = stage.fake.count("line_item") as u64;
    assert_eq!(child::<Line>(&report).inserted, lines, "{report}");
    assert_eq!(stage.requests(LINE_LISTS), 1 + 10, "{report}");
    assert_truth(stage).await;
    // The object beside its rows has all of the list, too.
    let rows = stage.database.rows("subscriptions").await;
    let mut longest: Vec<usize> = rows
        .values()
        .map(|object| object["items"]["data"].as_array().unwrap().len())
        .collect();
    longest.sort_unstable();
    assert_eq!(longest, [1, 1, 10, 11, 250]);

    let report = stage.sync_all::<Subscription>().await;
    let again = child::<Item>(&report);
    assert_eq!((again.written(), again.deleted), (0, 0), "{report}");
}

async fn what_changes_in_a_list_is_found_by_the_next_run(stage: &Stage) {
    let (subscriptions, drafts) = backfilled(stage).await;
    change_both(stage, &subscriptions, &drafts);
    // Longer than events last.
    stage.fake.advance(stage::DAY * 40);
    for report in [
        stage.sync_all::<Subscription>().await,
        stage.sync_all::<Invoice>().await,
    ] {
        let [child] = report.children.as_slice() else {
            panic!("{report}");
        };
        let did = (child.inserted, child.updated, child.deleted);
        assert_eq!(did, (1, 1, 2), "{report}");
    }
    assert_truth(stage).await;
}

async fn what_changes_in_a_list_is_found_by_ids(stage: &Stage) {
    let (subscriptions, drafts) = backfilled(stage).await;
    change_both(stage, &subscriptions, &drafts);
    let report = stage.sync_by_ids::<Subscription>(&subscriptions).await;
    let items = child::<Item>(&report.report);
    let did = (items.inserted, items.updated, items.deleted);
    assert_eq!(did, (1, 1, 2), "{}", report.report);
    let report = stage.sync_by_ids::<Invoice>(&drafts).await;
    let lines = child::<Line>(&report.report);
    let did = (lines.inserted, lines.updated, lines.deleted);
    assert_eq!(did, (1, 1, 2), "{}", report.report);
    assert_truth(stage).await;
    // The parents, and what is behind the ten of the long lists.
    assert_eq!(stage.requests("/v1/subscription_items/{id}"), 0);
    assert_eq!(stage.requests(ITEM_LISTS), 1 + 3);
    assert_eq!(stage.requests(LINE_LISTS), 1 + 10);
}

async fn what_changes_in_a_list_is_found_by_events_of_its_parent(stage: &Stage) {
    let (subscriptions, drafts) = backfilled(stage).await;
    change_both(stage, &subscriptions, &drafts);
    // A list that was short grows, and one that is long shrinks to what Stripe shows.
    let fake = &stage.fake;
    for _ in 0..12 {
        fake.create_child(&drafts[0], "line_item", json!({"amount": 3}))
            .unwrap();
    }
    for id in &elements(fake, &drafts[2], "line_item")[..6] {
        fake.delete(id).unwrap();
    }
    stage.follow().await;
    assert_truth(stage).await;
    assert_eq!(stage.requests("/v1/subscription_items/{id}"), 0);
    // Of hundreds of elements none is asked for by itself.
    let all = fake.requests().len();
    assert!(all < 60, "{all} requests");
    let marked = "SELECT COUNT(*) FROM items WHERE stripe_deleted_at IS NOT NULL";
    assert_eq!(stage.number(marked).await, 2);
    let lines = i64::try_from(fake.count("line_item")).unwrap();
    let rows = "SELECT COUNT(*) FROM lines_of_invoices";
    assert_eq!(stage.number(rows).await, lines);
}

/// By an event, by its id, and by a run that finds neither.
async fn a_deleted_draft_takes_its_lines(stage: &Stage) {
    let (_, drafts) = backfilled(stage).await;
    let count = |stage: &Stage| i64::try_from(stage.fake.count("line_item")).unwrap();
    let rows = "SELECT COUNT(*) FROM lines_of_invoices";
    stage.fake.delete(&drafts[3]).unwrap();
    stage.follow().await;
    assert_truth(stage).await;
    assert_eq!(stage.number(rows).await, count(stage));

    stage.fake.delete(&drafts[2]).unwrap();
    let report = stage.sync_by_ids::<Invoice>(&drafts[2..3]).await;
    assert_eq!(report.report.deleted, 1, "{}", report.report);
    assert_eq!(child::<Line>(&report.report).deleted, 11);
    assert_truth(stage).await;

    stage.fake.delete(&drafts[1]).unwrap();
    stage.fake.advance(stage::DAY * 40);
    let report = stage.sync_all::<Invoice>().await;
    assert_eq!(report.deleted, 1, "{report}");
    assert_eq!(child::<Line>(&report).deleted, 10, "{report}");
    assert_truth(stage).await;
    assert_eq!(stage.number(rows).await, count(stage));
}

/// To Stripe it is a change of the subscription, not its end.
async fn a_canceled_subscription_keeps_its_items(stage: &Stage) {
    let (subscriptions, _) = backfilled(stage).await;
    stage.fake.cancel_subscription(&subscriptions[3]).unwrap();
    stage.follow().await;
    let sql = "SELECT COUNT(*) FROM subscriptions WHERE status = 'canceled' AND stripe_deleted_at IS NULL";
    assert_eq!(stage.number(sql).await, 1);
    assert_truth(stage).await;
}
