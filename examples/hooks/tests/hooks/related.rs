//! The subscription of the example: its items are written with it or not at all.

use hooks::subscriptions::{CREATE_ITEMS, Subscription};
use serde_json::{Value, json};
use stripe_sync::Syncer;

use crate::stage::Stage;

/// A stage with the example's tables, and a database that refuses any item of 13.
async fn subscriptions() -> (Stage, Syncer) {
    let stage = Stage::new().await;
    let syncer = stage.syncer(stage.stripe.clone());
    syncer.ensure_table::<Subscription>().await.unwrap();
    stage.execute(CREATE_ITEMS).await;
    stage
        .execute(
            "CREATE TRIGGER no_thirteen BEFORE INSERT ON subscription_items WHEN NEW.quantity = 13 \
             BEGIN SELECT RAISE(ABORT, 'thirteen is refused'); END",
        )
        .await;
    (stage, syncer)
}

fn subscription(id: &str, quantities: &[i64]) -> Value {
    json!({ "id": id, "status": "active", "items": items(id, quantities) })
}

fn items(of: &str, quantities: &[i64]) -> Vec<Value> {
    let item = |(n, quantity)| json!({ "id": format!("si_{of}_{n}"), "quantity": quantity });
    quantities.iter().enumerate().map(item).collect()
}

impl Stage {
    /// Each item as `subscription quantity`.
    async fn items(&self) -> Vec<String> {
        self.texts("SELECT subscription || ' ' || quantity FROM subscription_items ORDER BY 1")
            .await
    }

    async fn subscriptions(&self) -> Vec<String> {
        self.texts("SELECT id || ' ' || status FROM subscriptions ORDER BY 1")
            .await
    }
}

#[tokio::test]
async fn items_follow_their_subscription() {
    let (stage, syncer) = subscriptions().await;
    let create = |id, quantities: &[i64]| {
        let value = subscription(id, quantities);
        stage.fake.create("subscription", value).unwrap();
    };
    create("sub_a", &[1, 2]);
    create("sub_b", &[3]);
    assert_eq!(syncer.sync_all::<Subscription>().await.unwrap().inserted, 2);
    assert_eq!(stage.items().await, ["sub_a 1", "sub_a 2", "sub_b 3"]);

    // The subscription's own columns stay as they are, and still its items are replaced.
    let changes = json!({ "items": [{ "id": "si_other", "quantity": 7 }] });
    stage.fake.update("sub_a", changes).unwrap();
    let report = syncer.sync_all::<Subscription>().await.unwrap();
    assert_eq!((report.unchanged, report.failed), (2, 0), "{report}");
    assert_eq!(stage.items().await, ["sub_a 7", "sub_b 3"]);
}

#[tokio::test]
async fn an_unchanged_subscription_has_its_items_repaired() {
    let (stage, syncer) = subscriptions().await;
    let value = subscription("sub_a", &[1]);
    stage.fake.create("subscription", value).unwrap();
    syncer.sync_all::<Subscription>().await.unwrap();
    stage.execute("DELETE FROM subscription_items").await;

    let report = syncer.sync_by_ids::<Subscription>(["sub_a"]).await.unwrap();
    assert_eq!((report.unchanged, report.written()), (1, 0));
    assert_eq!(stage.items().await, ["sub_a 1"]);
}

/// Stripe shows ten items; the hook before the mapping asks for the rest.
#[tokio::test]
async fn a_list_that_stripe_cut_short_is_complete_in_the_table() {
    let (stage, syncer) = subscriptions().await;
    let quantities: Vec<i64> = (101..=112).collect();
    let value = subscription("sub_a", &quantities);
    let shown = stage.fake.create("subscription", value).unwrap();
    assert_eq!(shown["items"]["has_more"], true, "else this shows nothing");

    syncer.sync_all::<Subscription>().await.unwrap();
    let expected: Vec<String> = quantities.iter().map(|n| format!("sub_a {n}")).collect();
    assert_eq!(stage.items().await, expected);
}

#[tokio::test]
async fn an_error_undoes_the_row_and_its_items_and_nothing_else() {
    let (stage, syncer) = subscriptions().await;
    for (id, quantities) in [("sub_a", [1, 2]), ("sub_bad", [5, 13]), ("sub_c", [3, 4])] {
        let value = subscription(id, &quantities);
        stage.fake.create("subscription", value).unwrap();
    }
    let report = syncer.sync_all::<Subscription>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (2, 1), "{report}");
    assert_eq!(report.failures[0].id, "sub_bad");
    let reason = &report.failures[0].reason;
    assert!(
        reason.starts_with("sync: ") && reason.contains("thirteen is refused"),
        "{reason}"
    );

    // The item of 5 was written before the one of 13 failed.
    assert_eq!(
        stage.subscriptions().await,
        ["sub_a active", "sub_c active"]
    );
    assert_eq!(
        stage.items().await,
        ["sub_a 1", "sub_a 2", "sub_c 3", "sub_c 4"]
    );
    assert_eq!(
        syncer.failed_rows::<Subscription>().await.unwrap()[0].id,
        "sub_bad"
    );
}

#[tokio::test]
async fn an_error_in_an_update_leaves_the_old_row_and_the_old_items() {
    let (stage, syncer) = subscriptions().await;
    for id in ["sub_a", "sub_b"] {
        let value = subscription(id, &[1, 2]);
        stage.fake.create("subscription", value).unwrap();
    }
    syncer.sync_all::<Subscription>().await.unwrap();

    let worse = json!({ "status": "past_due", "items": items("new", &[5, 13]) });
    stage.fake.update("sub_a", worse).unwrap();
    let fine = json!({ "status": "past_due", "items": items("newer", &[6]) });
    stage.fake.update("sub_b", fine).unwrap();
    let report = syncer.sync_all::<Subscription>().await.unwrap();
    assert_eq!((report.updated, report.failed), (1, 1), "{report}");
    assert_eq!(
        stage.subscriptions().await,
        ["sub_a active", "sub_b past_due"]
    );
    assert_eq!(stage.items().await, ["sub_a 1", "sub_a 2", "sub_b 6"]);
}
