//! The rows that the attributes make are those of the hook.

use hooks::children::{Subscription, SubscriptionItem};
use hooks::subscriptions::{self, CREATE_ITEMS};
use serde_json::json;
use stripe_sync::{Report, Syncer};

use crate::stage::Stage;

/// Both ways beside each other.
struct Ways {
    stage: Stage,
    syncer: Syncer,
}

impl Ways {
    async fn new() -> Self {
        let stage = Stage::new().await;
        let syncer = stage.syncer(stage.stripe.clone());
        syncer
            .ensure_table::<subscriptions::Subscription>()
            .await
            .unwrap();
        stage.execute(CREATE_ITEMS).await;
        syncer.ensure_table::<Subscription>().await.unwrap();
        Self { stage, syncer }
    }

    /// Runs both, and compares their rows; returns the items, each as `subscription quantity`, and the report of the attributes.
    async fn sync(&self) -> (Vec<String>, Report) {
        let by_hook = self.syncer.sync_all::<subscriptions::Subscription>().await;
        let by_hook = by_hook.unwrap();
        let report = self.syncer.sync_all::<Subscription>().await.unwrap();
        assert!(by_hook.is_complete() && report.is_complete(), "{report}");
        let of = async |columns: &str, table: &str| {
            let query = format!("SELECT {columns} FROM {table} ORDER BY 1");
            self.stage.texts(&query).await
        };
        let whole = "id || ' ' || subscription || ' ' || price || ' ' || quantity";
        assert_eq!(
            of(whole, "whole_items").await,
            of(whole, "subscription_items").await
        );
        let whole = "id || ' ' || customer || ' ' || status";
        assert_eq!(
            of(whole, "whole_subscriptions").await,
            of(whole, "subscriptions").await
        );
        let short = "subscription || ' ' || quantity";
        (of(short, "whole_items").await, report)
    }

    fn create(&self, id: &str, quantities: impl IntoIterator<Item = i64>) {
        let quantities = quantities.into_iter();
        let items: Vec<_> = quantities
            .map(|quantity| json!({ "id": format!("si_{id}_{quantity}"), "quantity": quantity }))
            .collect();
        let subscription = json!({ "id": id, "status": "active", "items": items });
        self.stage
            .fake
            .create("subscription", subscription)
            .unwrap();
    }
}

#[tokio::test]
async fn the_attributes_write_what_the_hook_writes() {
    let ways = Ways::new().await;
    ways.create("sub_a", [1, 2]);
    ways.create("sub_b", [3]);
    let (items, report) = ways.sync().await;
    assert_eq!(items, ["sub_a 1", "sub_a 2", "sub_b 3"]);
    assert_eq!(report.child("SubscriptionItem").unwrap().inserted, 3);

    // The subscription's own columns stay as they are, and still its items are replaced.
    let changes = json!({ "items": [{ "id": "si_other", "quantity": 7 }] });
    ways.stage.fake.update("sub_a", changes).unwrap();
    let (items, report) = ways.sync().await;
    assert_eq!(items, ["sub_a 7", "sub_b 3"]);
    let of_items = report.child("SubscriptionItem").unwrap();
    assert_eq!((report.unchanged, report.written()), (2, 0), "{report}");
    assert_eq!((of_items.inserted, of_items.deleted), (1, 2), "{report}");
}

#[tokio::test]
async fn a_list_that_stripe_cut_short_is_complete_without_a_hook() {
    let ways = Ways::new().await;
    ways.create("sub_a", 101..=112);
    let (items, _) = ways.sync().await;
    let expected: Vec<String> = (101..=112).map(|n| format!("sub_a {n}")).collect();
    assert_eq!(items, expected);
}

#[tokio::test]
async fn an_item_that_the_database_refuses_fails_alone() {
    let ways = Ways::new().await;
    ways.stage
        .execute(
            "CREATE TRIGGER no_thirteen BEFORE INSERT ON whole_items WHEN NEW.quantity = 13 \
             BEGIN SELECT RAISE(ABORT, 'thirteen is refused'); END",
        )
        .await;
    ways.create("sub_a", [5, 13]);
    let report = ways.syncer.sync_all::<Subscription>().await.unwrap();
    let items = report.child("SubscriptionItem").unwrap();
    assert_eq!((report.inserted, report.failed), (1, 0), "{report}");
    assert_eq!((items.inserted, items.failed), (1, 1), "{report}");
    assert_eq!(items.failures[0].id, "si_sub_a_13");
    let failed = ways.syncer.failed_rows::<SubscriptionItem>().await.unwrap();
    assert_eq!(failed[0].id, "si_sub_a_13");
}
