//! What `fix` must not remove, and what it cannot write at once.

use serde_json::json;
use stripe_sync::{DatabaseKind, StripeSync};

use super::super::{World, at_once, named, set};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    email: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "coupon", table = "coupons", on_delete = hard)]
struct Coupon {
    id: String,
    name: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "price", table = "prices")]
struct Price {
    id: String,
    #[stripe(children, expand)]
    tiers: Vec<PriceTier>,
}

#[derive(StripeSync)]
#[stripe(object = "price.tiers", table = "price_tiers")]
struct PriceTier {
    #[stripe(parent)]
    price: String,
    #[stripe(position)]
    position: i64,
    up_to: Option<i64>,
}

on_each_database! {
    World, start, end:
    children_are_kept_where_stripe_knows_none_of_the_rows
    what_could_not_be_written_before_is_mended_when_it_can_be
    a_row_that_a_foreign_key_holds_does_not_stop_the_rest
}

async fn children_are_kept_where_stripe_knows_none_of_the_rows(world: &World) {
    let account = world.fake.unchecked();
    for id in ["price_1", "price_2"] {
        let tiers = json!([{"up_to": 10}, {"up_to": null}]);
        let price = json!({"id": id, "tiers_mode": "graduated", "tiers": tiers});
        account.create("price", price).unwrap();
    }
    world.syncer.ensure_table::<Price>().await.unwrap();
    world.syncer.sync_all::<Price>().await.unwrap();
    for id in ["price_1", "price_2"] {
        account.delete(id).unwrap();
    }
    // With their parents' rows, and without.
    for sql in ["SELECT 1", "DELETE FROM prices"] {
        world.database.run(sql).await;
        let found = world.verify::<Price>(at_once().fix(true)).await;
        let counts = found.children[0].counts;
        assert_eq!((counts.extra, counts.fixed), (4, 0), "{sql}: {found}");
        assert!(found.to_string().contains("after_wipe"), "{found}");
    }
    let left = world.database.texts("SELECT price FROM price_tiers").await;
    assert_eq!(left.len(), 4);
}

async fn what_could_not_be_written_before_is_mended_when_it_can_be(world: &World) {
    let account = world.fake.unchecked();
    let customer = json!({"id": "cus_1", "email": "ada@example.org"});
    account.create("customer", customer).unwrap();
    let customer = json!({"id": "cus_2", "email": "bob@example.org"});
    account.create("customer", customer).unwrap();
    world.syncer.ensure_table::<Customer>().await.unwrap();
    world.syncer.sync_all::<Customer>().await.unwrap();
    let column = match world.database.store().kind() {
        DatabaseKind::MySql => "email(100)",
        _ => "email",
    };
    let key = format!("CREATE UNIQUE INDEX one_email ON customers ({column})");
    world.database.run(&key).await;
    let run = async |sql: &str| world.database.run(sql).await;
    run("UPDATE customers SET email = 'x' WHERE id = 'cus_1'").await;
    // A row of the application's own, of a moment ago, has the address.
    run("UPDATE customers SET email = 'ada@example.org' WHERE id = 'cus_2'").await;
    world.syncer.sync_by_ids::<Customer>(["cus_1"]).await.ok();
    let found = world.verify::<Customer>(at_once().fix(true)).await;
    // Whichever came first, in the end both are written.
    let again = world.verify::<Customer>(at_once().fix(true)).await;
    assert!(again.is_equal(), "{found}\n{again}");
    let after = world.verify::<Customer>(at_once()).await;
    assert_eq!((after.counts.equal, after.is_equal()), (2, true), "{after}");
}

async fn a_row_that_a_foreign_key_holds_does_not_stop_the_rest(world: &World) {
    let ids = world.mirrored::<Coupon>(5).await;
    let text = match world.database.store().kind() {
        DatabaseKind::MySql => "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        _ => "TEXT",
    };
    let mine =
        format!("CREATE TABLE mine (coupon {text}, FOREIGN KEY (coupon) REFERENCES coupons (id))");
    world.database.run(&mine).await;
    let hold = format!("INSERT INTO mine VALUES ('{}')", ids[0]);
    world.database.run(&hold).await;
    world.fake.delete(&ids[0]).unwrap();
    let spoil = format!("UPDATE coupons SET name = 'x' WHERE id = '{}'", ids[1]);
    world.database.run(&spoil).await;
    let found = world.verify::<Coupon>(at_once().fix(true)).await;
    let expected = set([format!("differing {}: name (fixed)", ids[1])]);
    assert_eq!(named(&found.drifts), expected, "{found}");
    // The failure says why.
    assert_eq!(
        (found.counts.failed, found.is_equal()),
        (1, false),
        "{found}"
    );
    assert_eq!(found.failures[0].id, ids[0]);
    world.database.run("DELETE FROM mine").await;
    let mended = world.verify::<Coupon>(at_once().fix(true)).await;
    let expected = set([format!("extra {} (fixed)", ids[0])]);
    assert_eq!(
        (named(&mended.drifts), mended.is_equal()),
        (expected, true),
        "{mended}"
    );
}
