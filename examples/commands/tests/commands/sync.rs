//! `sync`.

use crate::on_each_database;
use crate::snapshot;
use crate::stage::{Stage, summary};

on_each_database! {
    resources_are_mirrored,
    ids_and_names_are_understood,
    what_is_older_is_left_alone,
    objects_that_fail_are_named,
    children_come_with_their_parents,
}

async fn resources_are_mirrored(stage: Stage) -> Stage {
    let plan = stage.succeed(&["sync", "--dry-run"]).await;
    snapshot::assert(&stage, "sync_dry_run", &plan);
    assert!(
        stage
            .records(&["sync", "--dry-run"])
            .await
            .iter()
            .all(|record| record["type"] != "report")
    );
    // Nothing was made.
    let pending = stage.call(&["migrate", "check"]).await;
    assert_eq!(pending.code, 4, "{pending:?}");

    let first = stage.succeed(&["sync"]).await;
    snapshot::assert(&stage, "sync", &first);
    stage.assert_equal().await;
    let again = stage.records(&["sync"]).await;
    assert_eq!(summary(&again)["written"], 0);
    assert_eq!(summary(&again)["seen"], 55);
    assert_eq!(summary(&again)["complete"], true);
    let objects: Vec<&str> = again
        .iter()
        .filter_map(|record| record["table"].as_str())
        .collect();
    // What others refer to comes first.
    assert_eq!(
        objects,
        [
            "coupons",
            "products",
            "prices",
            "customers",
            "subscriptions"
        ]
    );

    // What somebody else wrote looks unchanged by its hash.
    stage
        .database
        .run("UPDATE products SET name = 'other'")
        .await;
    let again = stage.records(&["sync", "products"]).await;
    assert_eq!(summary(&again)["written"], 0);
    let rewritten = stage
        .records(&["sync", "products", "--rewrite", "--restart"])
        .await;
    assert_eq!(summary(&rewritten)["written"], 4);
    stage
}

async fn ids_and_names_are_understood(stage: Stage) -> Stage {
    let account = stage
        .fake
        .account("acct_1FakeStripe", stripe_sync::testing::Mode::Test)
        .unwrap();
    let customer = account.ids("customer").remove(0);
    let coupon = format!("coupon:{}", account.ids("coupon").remove(0));
    let by_ids = stage.records(&["sync", &customer, &coupon]).await;
    assert_eq!(summary(&by_ids)["written"], 2);
    let outcomes: Vec<_> = by_ids
        .iter()
        .filter(|record| record["type"] == "object")
        .collect();
    assert_eq!(outcomes.len(), 2);
    assert_eq!(
        stage.database.texts("SELECT id FROM customers").await,
        [customer]
    );

    for name in ["price", "Prices", "prices", "PRICE"] {
        let seen = stage.records(&["sync", name]).await;
        assert_eq!(summary(&seen)["seen"], 6, "{name}");
    }
    let unknown = stage.call(&["sync", "cus_nobody"]).await;
    assert_eq!(unknown.code, 1, "{unknown:?}");
    assert!(unknown.err.contains("cus_nobody"), "{unknown:?}");
    for (word, expected) in [
        ("custmer", "did you mean `customer`?"),
        ("in_1", "`invoice`"),
        (
            "nonsense",
            "name one of: coupon, product, price, customer, subscription",
        ),
        ("coupon:", "write `coupon:ID`"),
    ] {
        let refused = stage.call(&["sync", word]).await;
        assert_eq!(refused.code, 2, "{word}: {refused:?}");
        assert!(
            refused.err.contains(expected) && refused.err.contains("next:"),
            "{word}: {refused:?}"
        );
    }
    stage
}

async fn what_is_older_is_left_alone(stage: Stage) -> Stage {
    stage.succeed(&["sync"]).await;
    let account = stage
        .fake
        .account("acct_1FakeStripe", stripe_sync::testing::Mode::Test)
        .unwrap();
    let new = account
        .create(
            "customer",
            serde_json::json!({ "email": "new@example.com" }),
        )
        .unwrap();
    // A row that no list shows any more: only a whole run looks for it.
    let old = account
        .ids("customer")
        .into_iter()
        .find(|id| new["id"] != id.as_str())
        .unwrap();
    let event = account.delete(&old).unwrap();
    drop(event);
    for event in account.events() {
        account.forget_event(event["id"].as_str().unwrap()).unwrap();
    }
    let since = stage.records(&["sync", "customers", "--since", "1h"]).await;
    assert!(summary(&since)["seen"].as_u64().unwrap() < 30, "{since:?}");
    assert_eq!(summary(&since)["deleted"], 0);
    let there = "SELECT id FROM customers WHERE stripe_deleted_at IS NULL";
    let rows = stage.database.texts(there).await;
    assert!(rows.contains(&old) && rows.iter().any(|id| new["id"] == id.as_str()));
    let whole = stage.records(&["sync", "customers"]).await;
    assert_eq!(summary(&whole)["deleted"], 1);
    stage.assert_equal().await;
    for wrong in ["30", "2999-01-01", "soon"] {
        let refused = stage.call(&["sync", "--since", wrong]).await;
        assert_eq!(refused.code, 2, "{refused:?}");
    }
    stage
}

async fn objects_that_fail_are_named(stage: Stage) -> Stage {
    stage.succeed(&["migrate", "run"]).await;
    let account = stage
        .fake
        .account("acct_1FakeStripe", stripe_sync::testing::Mode::Test)
        .unwrap();
    let bad = account.ids("product").remove(0);
    account
        .unchecked()
        .update(&bad, serde_json::json!({ "name": 7 }))
        .unwrap();
    let failed = stage.call(&["sync", "products"]).await;
    assert_eq!(failed.code, 1, "{failed:?}");
    assert!(
        failed.out.contains(&bad) && failed.out.contains("name"),
        "{failed:?}"
    );
    let key = stage
        .program()
        .args(["sync"])
        .env("STRIPE_SECRET_KEY", "sk_test_wrong")
        .output()
        .await
        .unwrap();
    assert_eq!(key.status.code(), Some(5), "{key:?}");
    let err = String::from_utf8(key.stderr).unwrap();
    assert!(
        err.contains("next:") && !err.contains("sk_test_wrong"),
        "{err}"
    );
    let none = stage
        .program()
        .args(["sync"])
        .env_remove("STRIPE_SECRET_KEY")
        .output()
        .await
        .unwrap();
    assert_eq!(none.status.code(), Some(5), "{none:?}");
    stage
}

async fn children_come_with_their_parents(stage: Stage) -> Stage {
    let account = stage
        .fake
        .account("acct_1FakeStripe", stripe_sync::testing::Mode::Test)
        .unwrap();
    stage.succeed(&["migrate", "run"]).await;
    // One plan, for both; and the name of the children is that of a run of their parents.
    let plans = stage
        .records(&["sync", "--dry-run", "subscription_items"])
        .await;
    let plans: Vec<_> = plans
        .iter()
        .filter(|record| record["type"] == "plan")
        .collect();
    assert_eq!(plans.len(), 1, "{plans:?}");
    assert_eq!(plans[0]["model"], "Subscription");
    assert_eq!(plans[0]["children"][0], "SubscriptionItem");
    let synced = stage.records(&["sync", "subscription_items"]).await;
    let items = account.ids("subscription_item");
    assert_eq!(summary(&synced)["seen"], 12);
    assert_eq!(summary(&synced)["written"], 12 + items.len());
    assert_eq!(summary(&synced)["complete"], true);

    let by_id = stage.records(&["sync", &items[0]]).await;
    assert_eq!(summary(&by_id)["seen"], 1, "{by_id:?}");

    // An item that fails is named, as any other object, and its subscription is written.
    let unchecked = account.unchecked();
    let wrong = serde_json::json!({ "quantity": "many" });
    unchecked.update(&items[0], wrong).unwrap();
    let failed = stage.call(&["sync", "subscriptions"]).await;
    assert_eq!(failed.code, 1, "{failed:?}");
    assert!(
        failed.out.contains(&items[0]) && failed.out.contains("quantity"),
        "{failed:?}"
    );
    let failed = stage
        .call(&["sync", "subscriptions", "--format", "json"])
        .await;
    let records = crate::stage::records(&failed.out);
    assert_eq!(summary(&records)["failed"], 1);
    assert_eq!(summary(&records)["complete"], false);
    let status = stage.records(&["status"]).await;
    assert_eq!(summary(&status)["failed_objects"], 1);
    stage
}
