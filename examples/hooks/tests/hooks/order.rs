//! When hooks are called, and in which order.

use std::time::Duration;

use serde_json::json;
use stripe_sync::{IdOutcome, StripeSync};

use crate::stage::Stage;
use crate::traced::{HOOKS, Plain, Script, Skipping, Waiting};

/// Longer than the minutes before a run whose events it follows, each of which would call the hooks once more.
const LONG_AGO: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn plain_hooks_are_called_in_order() {
    called_in_order::<Plain>().await;
}

#[tokio::test]
async fn async_hooks_are_called_in_order() {
    called_in_order::<Waiting>().await;
}

/// For a new row, an unchanged and a changed one, by `sync_all` and by `sync_by_ids`.
async fn called_in_order<M: StripeSync>() {
    let stage = Stage::new().await;
    let script = Script::default();
    let syncer = stage.syncer(script.clone());
    syncer.ensure_table::<M>().await.unwrap();
    let calls_of = |hooks: &[&str]| -> Vec<String> {
        hooks.iter().map(|hook| format!("{hook} cus_1")).collect()
    };

    let customer = json!({ "id": "cus_1", "name": "Ada" });
    stage.fake.create("customer", customer).unwrap();
    stage.fake.advance(LONG_AGO);
    assert_eq!(syncer.sync_all::<M>().await.unwrap().inserted, 1);
    assert_eq!(script.calls(), calls_of(&HOOKS), "a new row");

    // `sync` also runs for an unchanged object; nothing was committed, so there is nothing to tell.
    let before_the_commit = &HOOKS[..4];
    assert_eq!(syncer.sync_all::<M>().await.unwrap().unchanged, 1);
    assert_eq!(
        script.calls(),
        calls_of(before_the_commit),
        "an unchanged row of a list"
    );
    let report = syncer.sync_by_ids::<M>(["cus_1"]).await.unwrap();
    assert_eq!(report.outcome("cus_1"), Some(&IdOutcome::Unchanged));
    assert_eq!(
        script.calls(),
        calls_of(before_the_commit),
        "an unchanged row by its id"
    );

    stage
        .fake
        .update("cus_1", json!({ "name": "Bob" }))
        .unwrap();
    let report = syncer.sync_by_ids::<M>(["cus_1"]).await.unwrap();
    assert_eq!(report.outcome("cus_1"), Some(&IdOutcome::Updated));
    assert_eq!(script.calls(), calls_of(&HOOKS), "a changed row");

    // A deleted object has nothing to map.
    stage.fake.delete("cus_1").unwrap();
    let report = syncer.sync_by_ids::<M>(["cus_1"]).await.unwrap();
    assert_eq!(report.outcome("cus_1"), Some(&IdOutcome::Deleted));
    assert_eq!(script.calls(), ["after_commit cus_1"], "a deleted row");
}

/// A page has many objects: each is mapped once and written once, and the hooks of one object keep their order.
#[tokio::test]
async fn every_object_of_a_page_has_its_hooks_called_once() {
    let stage = Stage::new().await;
    let script = Script::default();
    let syncer = stage.syncer(script.clone());
    syncer.ensure_table::<Waiting>().await.unwrap();
    let ids = stage.fake.generate("customer", 120).unwrap();

    assert_eq!(syncer.sync_all::<Waiting>().await.unwrap().inserted, 120);
    let calls = script.calls();
    assert_eq!(calls.len(), 120 * HOOKS.len());
    for id in ids {
        let of_it: Vec<&str> = calls
            .iter()
            .filter_map(|call| call.strip_suffix(id.as_str()))
            .map(str::trim_end)
            .collect();
        assert_eq!(of_it, HOOKS, "{id}");
    }
}

#[tokio::test]
async fn a_sync_hook_may_decide_against_the_row() {
    let stage = Stage::new().await;
    let syncer = stage.syncer(());
    syncer.ensure_table::<Skipping>().await.unwrap();
    stage
        .fake
        .create("customer", json!({ "id": "cus_1" }))
        .unwrap();
    stage.fake.advance(LONG_AGO);

    let report = syncer.sync_all::<Skipping>().await.unwrap();
    assert_eq!((report.seen, report.skipped, report.written()), (1, 1, 0));
    assert!(report.is_complete());
    assert!(stage.texts("SELECT id FROM skipping").await.is_empty());
}
