//! Rows that look different and are the same, objects that fail, and columns of other types.

use serde_json::{Value, json};
use stripe_sync::reexport::chrono::{DateTime, Utc};
use stripe_sync::reexport::rust_decimal::Decimal;
use stripe_sync::{Json, StripeSync};

use super::{World, at_once, named, set};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(account)]
    account: String,
    name: Option<String>,
    created: DateTime<Utc>,
    metadata: Option<Json<Value>>,
    preferred_locales: Option<Json<Vec<String>>>,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "price", table = "prices")]
struct Price {
    id: String,
    unit_amount_decimal: Option<Decimal>,
    livemode: bool,
}

on_each_database! {
    World, start, end:
    the_same_in_other_words_is_equal
    what_does_not_map_has_failed
}

async fn the_same_in_other_words_is_equal(world: &World) {
    let metadata = json!({"b": "\u{e9}\"", "a": "1", "long": "x".repeat(400)});
    for number in 0..4 {
        let customer = json!({
            "name": format!("{number} \u{1f600} '; --"),
            "metadata": metadata,
            "preferred_locales": ["de", "fr"],
        });
        world.fake.create("customer", customer).unwrap();
    }
    let ids = world.fake.ids("customer");
    world.syncer.ensure_table::<Customer>().await.unwrap();
    world.syncer.sync_all::<Customer>().await.unwrap();
    let found = world.verify::<Customer>(at_once()).await;
    assert_eq!((found.counts.equal, found.is_equal()), (4, true), "{found}");

    // Another order of the keys, other spaces and escapes.
    let long = "x".repeat(400);
    let words = format!(r#"{{"long": "{long}",   "a":"\u0031", "b" : "\u00e9\""}}"#);
    let words = match world.database.pool {
        super::super::database::Pool::MySql(_) => words.replace('\\', "\\\\"),
        _ => words,
    };
    let respell = format!(
        "UPDATE customers SET metadata = '{words}' WHERE id = '{}'",
        ids[0]
    );
    world.database.run(&respell).await;
    let found = world.verify::<Customer>(at_once()).await;
    assert_eq!(found.counts.equal, 4, "{found}");
    // Rows of another account are nobody's business here.
    let columns = "id, name, created, metadata, object";
    world
        .database
        .run(&format!(
            "INSERT INTO customers (account, {columns}) SELECT 'acct_other', {columns} FROM customers"
        ))
        .await;
    let found = world.verify::<Customer>(at_once()).await;
    assert_eq!((found.counts.equal, found.is_equal()), (4, true), "{found}");

    let account = world.fake.unchecked();
    for (number, amount) in ["0.50", "100", "12345678901.123456789012"]
        .iter()
        .enumerate()
    {
        let id = format!("price_{number}");
        let price = json!({"id": id, "unit_amount_decimal": amount});
        account.create("price", price).unwrap();
    }
    world.syncer.ensure_table::<Price>().await.unwrap();
    world.syncer.sync_all::<Price>().await.unwrap();
    let found = world.verify::<Price>(at_once()).await;
    assert_eq!((found.counts.equal, found.is_equal()), (3, true), "{found}");
}

async fn what_does_not_map_has_failed(world: &World) {
    let ids = {
        for number in 0..3 {
            let customer = json!({"name": format!("{number}")});
            world.fake.create("customer", customer).unwrap();
        }
        world.fake.ids("customer")
    };
    world.syncer.ensure_table::<Customer>().await.unwrap();
    world.syncer.sync_all::<Customer>().await.unwrap();
    let account = world.fake.unchecked();
    account.update(&ids[1], json!({"name": 7})).unwrap();
    let found = world.verify::<Customer>(at_once().fix(true)).await;
    assert_eq!((found.counts.equal, found.counts.failed), (2, 1), "{found}");
    assert!(!found.is_equal());
    assert_eq!(found.failures[0].id, ids[1]);
    assert_eq!(found.failures[0].column.as_deref(), Some("name"));
    // Nor is the old row of an object that failed drift, whatever is wrong with it.
    world.syncer.sync_all::<Customer>().await.unwrap();
    account.update(&ids[1], json!({"name": "again"})).unwrap();
    let found = world.verify::<Customer>(at_once()).await;
    assert_eq!(
        (found.counts.failed, found.counts.drifted()),
        (1, 0),
        "{found}"
    );
    assert_eq!(named(&found.drifts), set([]));
}
