//! One object beside its row.

use serde_json::{Value, json};
use stripe_sync::reexport::chrono::{DateTime, Utc};
use stripe_sync::{DriftKind, Json, StripeSync};

use super::World;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    name: Option<String>,
    #[stripe(redact)]
    email: Option<String>,
    #[stripe(path = address.city, redact)]
    city: Option<String>,
    address: Option<Json<Value>>,
    balance: Option<i64>,
    created: DateTime<Utc>,
    #[stripe(raw)]
    object: Json<Value>,
}

on_each_database! {
    World, start, end:
    one_object_is_compared_column_by_column
}

async fn one_object_is_compared_column_by_column(world: &World) {
    let customer = json!({
        "name": "Ada",
        "email": "ada@example.org",
        "balance": 7,
        "address": {"city": "Turin", "line1": "Via Po 1"},
    });
    world.fake.create("customer", customer).unwrap();
    let [id] = &world.fake.ids("customer")[..] else {
        panic!("one customer")
    };
    world.syncer.ensure_table::<Customer>().await.unwrap();
    world.syncer.sync_all::<Customer>().await.unwrap();
    let comparison = world.syncer.compare::<Customer>(id).await.unwrap();
    assert!(comparison.is_equal(), "{comparison}");
    assert_eq!(comparison.columns.len(), 8);
    assert_eq!(
        comparison.to_string(),
        format!("Customer → customers {id}: equal")
    );

    world
        .database
        .run(&format!(
            "UPDATE customers SET name = 'Bob', email = 'bob@example.org', city = NULL, balance = NULL, \
             object = '{{\"email\": \"bob@example.org\"}}' WHERE id = '{id}'"
        ))
        .await;
    let comparison = world.syncer.compare::<Customer>(id).await.unwrap();
    assert_eq!(comparison.kind, Some(DriftKind::Differing));
    assert_eq!(
        comparison.to_string(),
        format!(
            "Customer → customers {id}: differing\n  \
             name: Bob in the row, Ada at Stripe\n  \
             email: (redacted) in the row, (redacted) at Stripe\n  \
             city: NULL in the row, (redacted) at Stripe\n  \
             balance: NULL in the row, 7 at Stripe\n  \
             object: (redacted) in the row, (redacted) at Stripe"
        )
    );
    // Neither in what is equal.
    let all = serde_json::to_string(&comparison).unwrap() + &format!("{comparison:?}");
    for secret in ["example.org", "Turin", "Via Po"] {
        assert!(!all.contains(secret), "{secret}: {all}");
    }

    world.database.run("DELETE FROM customers").await;
    let comparison = world.syncer.compare::<Customer>(id).await.unwrap();
    assert_eq!(comparison.kind, Some(DriftKind::Missing));
    world.syncer.sync_by_ids::<Customer>([id]).await.unwrap();
    world.fake.delete(id).unwrap();
    let comparison = world.syncer.compare::<Customer>(id).await.unwrap();
    assert_eq!(comparison.kind, Some(DriftKind::Extra));
    let comparison = world
        .syncer
        .compare::<Customer>("cus_nobody")
        .await
        .unwrap();
    assert!(
        comparison.is_equal() && comparison.columns.is_empty(),
        "{comparison}"
    );
}
