//! An error in a hook fails its object, not its page and not the run; the report and the table of failures name it.

use serde_json::json;
use stripe_sync::{IdOutcome, StripeSync, Syncer};

use crate::stage::Stage;
use crate::traced::{HOOKS, Plain, Script, Waiting};

/// More than one page.
const CUSTOMERS: u64 = 120;

#[tokio::test]
async fn an_error_in_a_plain_hook_fails_its_object_only() {
    for hook in HOOKS {
        fails_its_object_only::<Plain>(hook, "plain").await;
    }
}

#[tokio::test]
async fn an_error_in_an_async_hook_fails_its_object_only() {
    for hook in HOOKS {
        fails_its_object_only::<Waiting>(hook, "waiting").await;
    }
}

async fn fails_its_object_only<M: StripeSync>(hook: &str, table: &str) {
    let stage = Stage::new().await;
    let script = Script::default();
    let syncer = stage.syncer(script.clone());
    syncer.ensure_table::<M>().await.unwrap();
    stage
        .fake
        .generate("customer", CUSTOMERS as usize - 1)
        .unwrap();
    stage
        .fake
        .create("customer", json!({ "id": "cus_bad" }))
        .unwrap();
    script.fail(hook, "cus_bad");

    let report = syncer.sync_all::<M>().await.unwrap();
    let expected = format!("{hook}: told to fail for cus_bad");
    assert_eq!((report.seen, report.failed), (CUSTOMERS, 1), "{hook}");
    assert_eq!(report.failures.len(), 1, "{hook}");
    assert_eq!(report.failures[0].id, "cus_bad", "{hook}");
    assert_eq!(report.failures[0].reason, expected);
    assert!(
        report.to_string().contains(&format!("cus_bad: {expected}")),
        "{report}"
    );

    let row = stage
        .texts(&format!("SELECT id FROM {table} WHERE id = 'cus_bad'"))
        .await;
    let rows = stage.texts(&format!("SELECT id FROM {table}")).await.len() as u64;
    if hook == "after_commit" {
        // The row was committed before the hook ran, so it is there, and so nothing is wrong with the table.
        assert_eq!(
            (row.len(), rows, report.inserted),
            (1, CUSTOMERS, CUSTOMERS),
            "{hook}"
        );
        assert!(failed::<M>(&syncer).await.is_empty(), "{hook}");
        return;
    }
    assert_eq!(
        (row.len(), rows, report.inserted),
        (0, CUSTOMERS - 1, CUSTOMERS - 1),
        "{hook}"
    );
    assert_eq!(
        failed::<M>(&syncer).await,
        [("cus_bad".to_owned(), expected.clone())]
    );

    // The same by its id, and beside an object that is fine.
    stage
        .fake
        .create("customer", json!({ "id": "cus_good" }))
        .unwrap();
    let report = syncer
        .sync_by_ids::<M>(["cus_bad", "cus_good"])
        .await
        .unwrap();
    match report.outcome("cus_bad") {
        Some(IdOutcome::Failed(failure)) => assert_eq!(failure.reason, expected),
        other => panic!("{hook}: expected a failure, got {other:?}"),
    }
    assert_eq!(
        report.outcome("cus_good"),
        Some(&IdOutcome::Inserted),
        "{hook}"
    );

    // A hook that stopped failing: the row is written and the failure forgotten.
    script.relent();
    let report = syncer.sync_all::<M>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (1, 0), "{hook}");
    assert!(failed::<M>(&syncer).await.is_empty(), "{hook}");
}

/// A row that is there already stays as it was.
#[tokio::test]
async fn an_error_leaves_the_old_row() {
    for hook in &HOOKS[..4] {
        let stage = Stage::new().await;
        let script = Script::default();
        let syncer = stage.syncer(script.clone());
        syncer.ensure_table::<Waiting>().await.unwrap();
        let old = json!({ "id": "cus_1", "name": "old" });
        stage.fake.create("customer", old).unwrap();
        syncer.sync_all::<Waiting>().await.unwrap();

        stage
            .fake
            .update("cus_1", json!({ "name": "new" }))
            .unwrap();
        script.fail(hook, "cus_1");
        assert_eq!(
            syncer.sync_all::<Waiting>().await.unwrap().failed,
            1,
            "{hook}"
        );
        assert_eq!(
            stage.texts("SELECT name FROM waiting").await,
            ["old"],
            "{hook}"
        );

        script.relent();
        assert_eq!(
            syncer.sync_all::<Waiting>().await.unwrap().updated,
            1,
            "{hook}"
        );
        assert_eq!(
            stage.texts("SELECT name FROM waiting").await,
            ["new"],
            "{hook}"
        );
    }
}

/// Ids and reasons of the failures that the table holds.
async fn failed<M: StripeSync>(syncer: &Syncer) -> Vec<(String, String)> {
    let failed = syncer.failed_rows::<M>().await.unwrap();
    failed.into_iter().map(|row| (row.id, row.reason)).collect()
}
