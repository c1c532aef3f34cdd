//! Models whose lists say more than a read of one object, and objects that are read below others.

use serde_json::json;
use stripe_sync::StripeSync;

use super::{World, at_once, named, set};

/// Each object says by itself whether it is in the filter.
#[derive(StripeSync)]
#[stripe(
    object = "subscription",
    table = "subscriptions",
    filter(status = "active")
)]
struct Active {
    id: String,
    status: String,
}

/// It is read below its customer.
#[derive(StripeSync)]
#[stripe(object = "card", table = "cards")]
struct Card {
    id: String,
    brand: Option<String>,
    customer: Option<String>,
    account: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "product", table = "products")]
struct Product {
    id: String,
    name: String,
}

/// No request returns one of them by its id.
#[derive(StripeSync)]
#[stripe(object = "item", table = "checkout_items")]
struct CheckoutItem {
    id: String,
    description: Option<String>,
    quantity: Option<i64>,
}

on_each_database! {
    World, start, end:
    what_is_outside_the_filter_is_counted
    objects_without_a_read_are_looked_at_in_their_lists_again
    objects_below_a_parent_are_read_there
    nothing_is_removed_where_the_lists_show_none_of_the_rows
}

async fn what_is_outside_the_filter_is_counted(world: &World) {
    world.fake.generate("customer", 2).unwrap();
    let customers = world.fake.ids("customer");
    let account = world.fake.unchecked();
    let ids: Vec<String> = (0..8).map(|number| format!("sub_{number}")).collect();
    for (number, id) in ids.iter().enumerate() {
        let status = if number < 5 { "active" } else { "past_due" };
        let subscription = json!({"id": id, "customer": customers[0], "status": status});
        account.create("subscription", subscription).unwrap();
    }
    world.syncer.ensure_table::<Active>().await.unwrap();
    world.syncer.sync_all::<Active>().await.unwrap();
    let found = world.verify::<Active>(at_once()).await;
    assert_eq!((found.counts.equal, found.is_equal()), (5, true), "{found}");
    // It leaves the filter, another is added by hand that is not in it, and one that is in it is removed.
    account
        .update(&ids[0], json!({"status": "past_due"}))
        .unwrap();
    let insert = format!(
        "INSERT INTO subscriptions (id, status) VALUES ('{}', 'active')",
        ids[6]
    );
    world.database.run(&insert).await;
    let delete = format!("DELETE FROM subscriptions WHERE id = '{}'", ids[1]);
    world.database.run(&delete).await;
    let expected = |fixed: &str| {
        set([
            format!("extra {}{fixed}", ids[0]),
            format!("extra {}{fixed}", ids[6]),
            format!("missing {}{fixed}", ids[1]),
        ])
    };
    let found = world.verify::<Active>(at_once()).await;
    assert_eq!(named(&found.drifts), expected(""), "{found}");
    let mended = world.verify::<Active>(at_once().fix(true)).await;
    assert_eq!(named(&mended.drifts), expected(" (fixed)"), "{mended}");
    let after = world.verify::<Active>(at_once()).await;
    assert_eq!(
        (after.counts.equal, after.counts.drifted()),
        (4, 0),
        "{after}"
    );
}

async fn objects_without_a_read_are_looked_at_in_their_lists_again(world: &World) {
    world.fake.generate("customer", 1).unwrap();
    world.fake.generate("price", 2).unwrap();
    world.fake.generate("checkout.session", 3).unwrap();
    world.syncer.ensure_table::<CheckoutItem>().await.unwrap();
    let report = world.syncer.sync_all::<CheckoutItem>().await.unwrap();
    assert!(report.inserted >= 3, "{report}");
    let found = world.verify::<CheckoutItem>(at_once()).await;
    assert_eq!(
        (found.counts.equal, found.is_equal()),
        (report.inserted, true),
        "{found}"
    );
    let ids: Vec<String> = world
        .database
        .texts("SELECT id FROM checkout_items ORDER BY id")
        .await
        .into_iter()
        .flatten()
        .collect();
    let run = async |sql: String| world.database.run(&sql).await;
    run(format!(
        "DELETE FROM checkout_items WHERE id = '{}'",
        ids[0]
    ))
    .await;
    run(format!(
        "UPDATE checkout_items SET quantity = 77 WHERE id = '{}'",
        ids[1]
    ))
    .await;
    run("INSERT INTO checkout_items (id, quantity) VALUES ('li_added', 1)".to_owned()).await;
    let expected = |fixed: &str| {
        set([
            format!("missing {}{fixed}", ids[0]),
            format!("differing {}: quantity{fixed}", ids[1]),
            format!("extra li_added{fixed}"),
        ])
    };
    let found = world.verify::<CheckoutItem>(at_once()).await;
    assert_eq!(named(&found.drifts), expected(""), "{found}");
    let mended = world.verify::<CheckoutItem>(at_once().fix(true)).await;
    assert_eq!(named(&mended.drifts), expected(" (fixed)"), "{mended}");
    let after = world.verify::<CheckoutItem>(at_once()).await;
    assert!(after.is_equal() && after.counts.drifted() == 0, "{after}");
}

async fn objects_below_a_parent_are_read_there(world: &World) {
    world.fake.generate("customer", 2).unwrap();
    let customers = world.fake.ids("customer");
    let account = world.fake.unchecked();
    for number in 0..4 {
        let card = json!({"customer": customers[number % 2], "brand": "Visa", "account": null});
        account.create("card", card).unwrap();
    }
    world.syncer.ensure_table::<Card>().await.unwrap();
    let report = world.syncer.sync_all::<Card>().await.unwrap();
    assert_eq!(report.inserted, 4, "{report}");
    let ids = world.fake.ids("card");
    let run = async |sql: String| world.database.run(&sql).await;
    run(format!("DELETE FROM cards WHERE id = '{}'", ids[0])).await;
    run(format!(
        "UPDATE cards SET brand = 'Mine' WHERE id = '{}'",
        ids[1]
    ))
    .await;
    run(format!(
        "INSERT INTO cards (id, customer) VALUES ('card_added', '{}')",
        customers[0]
    ))
    .await;
    let expected = |fixed: &str| {
        set([
            format!("missing {}{fixed}", ids[0]),
            format!("differing {}: brand{fixed}", ids[1]),
            format!("extra card_added{fixed}"),
        ])
    };
    let found = world.verify::<Card>(at_once()).await;
    assert_eq!(named(&found.drifts), expected(""), "{found}");
    let mended = world.verify::<Card>(at_once().fix(true)).await;
    assert_eq!(named(&mended.drifts), expected(" (fixed)"), "{mended}");
    assert!(world.verify::<Card>(at_once()).await.is_equal());
}

/// A key of another account lists nothing, and knows none of the rows.
async fn nothing_is_removed_where_the_lists_show_none_of_the_rows(world: &World) {
    world.mirrored::<Product>(5).await;
    for id in world.fake.ids("product") {
        world.fake.delete(&id).unwrap();
    }
    let found = world.verify::<Product>(at_once().fix(true)).await;
    assert_eq!((found.counts.extra, found.counts.fixed), (5, 0), "{found}");
    assert!(found.to_string().contains("after_wipe"), "{found}");
    let left = world
        .database
        .texts("SELECT id FROM products WHERE stripe_deleted_at IS NULL");
    assert_eq!(left.await.len(), 5);
}
