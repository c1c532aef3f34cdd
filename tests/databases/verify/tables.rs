//! Tables of other kinds: without bookkeeping columns, with moments of a time zone, in another place, and several at once.

use stripe_sync::reexport::chrono::{DateTime, Utc};
use stripe_sync::testing::FakeStripeExt as _;
use stripe_sync::{Registry, StripeSync, Syncer, TableName};

use super::{World, at_once, named, set};

#[derive(StripeSync)]
#[stripe(object = "coupon", table = "coupons", unversioned)]
struct Plain {
    id: String,
    name: Option<String>,
}

/// MySQL reads and writes such moments in the session's time zone.
#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Zoned {
    id: String,
    #[stripe(sql_type = "timestamp")]
    created: DateTime<Utc>,
    email: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "product", table = "products")]
struct Product {
    id: String,
    name: String,
}

on_each_database! {
    World, start, end:
    a_table_without_bookkeeping_columns_is_verified
    moments_of_a_time_zone_are_the_same
    a_registry_is_verified_where_its_tables_are
}

async fn a_table_without_bookkeeping_columns_is_verified(world: &World) {
    let ids = world.mirrored::<Plain>(10).await;
    let run = async |sql: String| world.database.run(&sql).await;
    run("INSERT INTO coupons (id, name) VALUES ('by_hand', 'x')".to_owned()).await;
    run(format!("DELETE FROM coupons WHERE id = '{}'", ids[1])).await;
    run(format!(
        "UPDATE coupons SET name = 'x' WHERE id = '{}'",
        ids[2]
    ))
    .await;
    let expected = |fixed: &str| {
        set([
            format!("extra by_hand{fixed}"),
            format!("missing {}{fixed}", ids[1]),
            format!("differing {}: name{fixed}", ids[2]),
        ])
    };
    let found = world.verify::<Plain>(at_once()).await;
    assert_eq!(named(&found.drifts), expected(""), "{found}");
    let mended = world.verify::<Plain>(at_once().fix(true)).await;
    assert_eq!(named(&mended.drifts), expected(" (fixed)"), "{mended}");
    let after = world.verify::<Plain>(at_once()).await;
    assert_eq!(
        (after.counts.equal, after.counts.drifted()),
        (10, 0),
        "{after}"
    );
}

async fn moments_of_a_time_zone_are_the_same(world: &World) {
    let ids = world.mirrored::<Zoned>(20).await;
    let found = world.verify::<Zoned>(at_once()).await;
    assert_eq!(
        (found.counts.equal, found.is_equal()),
        (20, true),
        "{found}"
    );
    let spoil = format!(
        "UPDATE customers SET created = '2020-02-02 02:02:02' WHERE id = '{}'",
        ids[3]
    );
    world.database.run(&spoil).await;
    let found = world.verify::<Zoned>(at_once()).await;
    let expected = set([format!("differing {}: created", ids[3])]);
    assert_eq!(named(&found.drifts), expected, "{found}");
}

async fn a_registry_is_verified_where_its_tables_are(world: &World) {
    world.fake.generate("product", 3).unwrap();
    world.fake.generate("coupon", 2).unwrap();
    let registry = Registry::new()
        .model_at::<Product>(TableName::new("wares"))
        .model::<Plain>();
    let syncer = Syncer::builder(world.fake.stripe().unwrap(), world.database.store())
        .registry(registry.clone())
        .build();
    syncer.ensure_table::<Product>().await.unwrap();
    syncer.ensure_table::<Plain>().await.unwrap();
    syncer.sync_all::<Product>().await.unwrap();
    syncer.sync_all::<Plain>().await.unwrap();
    world.database.run("DELETE FROM wares").await;
    let results = syncer.verify_models(registry, at_once().fix(true)).await;
    let lines: Vec<String> = results
        .into_iter()
        .map(|(model, result)| {
            let verification = result.unwrap();
            let (table, counts) = (verification.table, verification.counts);
            format!("{} {table} {counts}", model.name())
        })
        .collect();
    let expected = [
        "Product wares 0 equal, 3 missing, 3 fixed",
        "Plain coupons 2 equal",
    ];
    assert_eq!(lines, expected);
    let left = world.database.texts("SELECT id FROM wares").await;
    assert_eq!(left.len(), 3);
}
