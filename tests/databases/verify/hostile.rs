//! Inputs by which a verification could be led to say what is not so, or to stop.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use stripe_sync::reexport::chrono::{DateTime, Utc};
use stripe_sync::testing::FakeStripeExt as _;
use stripe_sync::{DatabaseKind, Json, StripeSync};

use super::{World, at_once, named, set};

mod lists;
mod mended;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    email: Option<String>,
    balance: Option<i64>,
    delinquent: Option<bool>,
    created: DateTime<Utc>,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "coupon", table = "coupons")]
struct Coupon {
    id: String,
    name: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "subscriptions")]
struct Subscription {
    id: String,
    #[stripe(references = Customer)]
    customer: String,
    #[stripe(raw)]
    object: Json<Value>,
    #[stripe(children)]
    items: Vec<SubscriptionItem>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "subscription_items")]
struct SubscriptionItem {
    id: String,
    #[stripe(parent)]
    subscription: String,
    #[stripe(redact)]
    quantity: Option<i64>,
}

on_each_database! {
    World, start, end:
    an_object_without_a_row_is_missing_once_whatever_its_children_say
    a_row_with_an_empty_id_is_found
    ids_that_would_lead_to_other_requests_are_no_objects
    values_at_the_edges_are_told_apart
    a_value_that_its_column_cannot_have_is_drift
    settings_of_any_size_are_taken
    a_table_of_references_that_is_not_there_costs_only_the_references
    what_children_redact_is_hidden_in_the_parents_documents
}

async fn subscriptions(world: &World, count: usize) -> Vec<String> {
    world.fake.generate("customer", 1).unwrap();
    world.fake.generate("price", 2).unwrap();
    world.mirrored::<Subscription>(count).await
}

async fn an_object_without_a_row_is_missing_once_whatever_its_children_say(world: &World) {
    let ids = subscriptions(world, 4).await;
    let delete = format!("DELETE FROM subscriptions WHERE id = '{}'", ids[0]);
    world.database.run(&delete).await;
    let found = world.verify::<Subscription>(at_once()).await;
    assert_eq!(
        (found.counts.missing, found.drifts.len()),
        (1, 1),
        "{found}"
    );
}

async fn a_row_with_an_empty_id_is_found(world: &World) {
    world.mirrored::<Coupon>(4).await;
    let insert = "INSERT INTO coupons (id, name) VALUES ('', 'x')";
    world.database.run(insert).await;
    let found = world.verify::<Coupon>(at_once()).await;
    assert_eq!(named(&found.drifts), set(["extra ".to_owned()]), "{found}");
    assert_eq!(found.counts.equal, 4, "{found}");
}

async fn ids_that_would_lead_to_other_requests_are_no_objects(world: &World) {
    let known = world.mirrored::<Coupon>(4).await;
    let long = "x".repeat(255);
    let below = format!("{}/../{}", known[0], known[1]);
    let query = format!("{}?expand[]=applies_to", known[0]);
    let ids = [
        "..",
        ".",
        "%2e%2e",
        "../customers",
        "o''brien",
        "\u{1f600}",
        "a#b",
        &below,
        &query,
        &long,
    ];
    for id in ids {
        let insert = format!("INSERT INTO coupons (id, name) VALUES ('{id}', 'x')");
        world.database.run(&insert).await;
    }
    let mended = world.verify::<Coupon>(at_once().fix(true)).await;
    let counts = mended.counts;
    let all = ids.len() as u64;
    assert_eq!(
        (counts.extra, counts.fixed, counts.equal),
        (all, all, 4),
        "{mended}"
    );
    let after = world.verify::<Coupon>(at_once()).await;
    assert_eq!((after.counts.equal, after.is_equal()), (4, true), "{after}");
}

async fn values_at_the_edges_are_told_apart(world: &World) {
    let account = world.fake.unchecked();
    let numbers = [json!(i64::MAX), json!(i64::MIN), json!(0), Value::Null];
    let emails = ["", " spaces  ", "\u{1}\u{7f}", "a"];
    for (number, (balance, email)) in numbers.iter().zip(emails).enumerate() {
        let customer = json!({
            "id": format!("cus_{number}"),
            "balance": balance,
            "email": email,
            "numbers": [1.0, 1e5, 1e23, 1.10, -0.0, u64::MAX],
        });
        account.create("customer", customer).unwrap();
    }
    world.syncer.ensure_table::<Customer>().await.unwrap();
    world.syncer.sync_all::<Customer>().await.unwrap();
    let found = world.verify::<Customer>(at_once()).await;
    assert_eq!((found.counts.equal, found.is_equal()), (4, true), "{found}");
    for (number, change) in [
        "email = NULL",
        "email = ' spaces'",
        "balance = NULL",
        "balance = 0",
    ]
    .iter()
    .enumerate()
    {
        let update = format!("UPDATE customers SET {change} WHERE id = 'cus_{number}'");
        world.database.run(&update).await;
    }
    let found = world.verify::<Customer>(at_once()).await;
    let expected = set([
        "differing cus_0: email".to_owned(),
        "differing cus_1: email".to_owned(),
        "differing cus_2: balance".to_owned(),
        "differing cus_3: balance".to_owned(),
    ]);
    assert_eq!(named(&found.drifts), expected, "{found}");
}

/// Which values a column can have that no field of the struct can, depends on the database.
async fn a_value_that_its_column_cannot_have_is_drift(world: &World) {
    let spoils: &[(&str, &str)] = match world.database.store().kind() {
        DatabaseKind::Sqlite => &[
            ("balance", "'much'"),
            ("balance", "1.5"),
            ("created", "'yesterday'"),
            ("email", "CAST(X'ff' AS TEXT)"),
            ("email", "X'00ff'"),
            ("object", "'[[['"),
            ("object", "''"),
        ],
        DatabaseKind::Postgres => &[
            ("created", "'infinity'"),
            ("created", "'-infinity'"),
            ("created", "'294276-01-01'"),
            ("created", "'4714-11-24 BC'"),
        ],
        _ => &[("created", "'0000-00-00 00:00:00'")],
    };
    let ids = world.mirrored::<Customer>(spoils.len()).await;
    let mode = match world.database.store().kind() {
        DatabaseKind::MySql => "SET SESSION sql_mode = ''; ",
        _ => "",
    };
    for ((column, value), id) in spoils.iter().zip(&ids) {
        let update = format!("{mode}UPDATE customers SET {column} = {value} WHERE id = '{id}'");
        world.database.run(&update).await;
        let comparison = world.syncer.compare::<Customer>(id).await.unwrap();
        let mut columns = comparison.columns.iter();
        let spoiled = columns.find(|compared| !compared.is_equal);
        let spoiled = spoiled.map(|compared| &*compared.column);
        assert_eq!(spoiled, Some(*column), "{value}: {comparison}");
    }
    let named_as = |drifts: &[stripe_sync::Drift]| -> BTreeSet<String> {
        let lines = named(drifts).into_iter();
        lines.map(|line| line.replace(" (fixed)", "")).collect()
    };
    let expected: BTreeSet<String> = spoils
        .iter()
        .zip(&ids)
        .map(|((column, _), id)| format!("differing {id}: {column}"))
        .collect();
    let found = world.verify::<Customer>(at_once()).await;
    assert_eq!(named(&found.drifts), expected, "{found}");
    // What cannot even be read is not mended, and does not keep the others from being so.
    let mended = world.verify::<Customer>(at_once().fix(true)).await;
    assert_eq!(named_as(&mended.drifts), expected, "{mended}");
    let left = mended.counts.drifted() - mended.counts.fixed;
    assert_eq!(mended.warnings.len() as u64, left, "{mended}");
    assert!(left < spoils.len() as u64 || spoils.len() < 3, "{mended}");
    world.database.run("DELETE FROM customers").await;
    world.verify::<Customer>(at_once().fix(true)).await;
    assert!(world.verify::<Customer>(at_once()).await.is_equal());
}

async fn settings_of_any_size_are_taken(world: &World) {
    world.mirrored::<Coupon>(3).await;
    let longest = at_once().grace(Duration::MAX);
    for (options, equal) in [
        (at_once().sample(0), 0),
        (at_once().sample(u64::MAX), 3),
        (at_once().since(DateTime::<Utc>::MAX_UTC), 0),
        (at_once().since(DateTime::<Utc>::MIN_UTC), 3),
        (longest.clone(), 3),
    ] {
        let found = world.verify::<Coupon>(options).await;
        assert_eq!(
            (found.counts.equal, found.is_equal()),
            (equal, true),
            "{found}"
        );
    }
    // It waits, and neither panics nor says anything yet.
    world.database.run("DELETE FROM coupons").await;
    let waiting = world.syncer.verify_with::<Coupon>(longest);
    let waited = tokio::time::timeout(Duration::from_millis(500), waiting).await;
    assert!(waited.is_err());
}

async fn a_table_of_references_that_is_not_there_costs_only_the_references(world: &World) {
    subscriptions(world, 2).await;
    let found = world
        .verify::<Subscription>(at_once().references(true))
        .await;
    assert_eq!(
        (found.counts.equal, found.references.len()),
        (2, 0),
        "{found}"
    );
    let [warning] = &found.warnings[..] else {
        panic!("{found}");
    };
    assert!(warning.contains("not looked for"), "{warning}");
}

async fn what_children_redact_is_hidden_in_the_parents_documents(world: &World) {
    let ids = subscriptions(world, 1).await;
    let comparison = world.syncer.compare::<Subscription>(&ids[0]).await.unwrap();
    let mut columns = comparison.columns.iter();
    let raw = columns.find(|column| column.column == "object").unwrap();
    let hidden = Some("(redacted)");
    assert_eq!(
        (raw.row.as_deref(), raw.stripe.as_deref()),
        (hidden, hidden)
    );
}
