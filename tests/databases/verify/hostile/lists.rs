//! Models of which only the lists say what there is, and keys that may not read all of them.

use serde_json::json;
use stripe_sync::client::RateBudget;
use stripe_sync::testing::FakeStripeExt as _;
use stripe_sync::{Stripe, StripeSync, Syncer};

use super::super::{World, at_once, named, set};

/// Listed below checkout sessions, payment links and quotes; no request returns one of them by its id.
#[derive(StripeSync)]
#[stripe(object = "item", table = "checkout_items", on_delete = hard)]
struct CheckoutItem {
    id: String,
    quantity: Option<i64>,
}

#[derive(StripeSync)]
#[stripe(object = "price", table = "prices", filter(lookup_keys = ["gold", "silver"]))]
struct Price {
    id: String,
    nickname: Option<String>,
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
    what_a_refused_list_would_show_is_neither_drift_nor_removed
    children_of_what_only_lists_tell_of_are_mended
    a_sample_of_what_only_lists_tell_of_is_mended
}

async fn what_a_refused_list_would_show_is_neither_drift_nor_removed(world: &World) {
    world.fake.generate("customer", 1).unwrap();
    world.fake.generate("price", 2).unwrap();
    world.fake.generate("checkout.session", 3).unwrap();
    world.fake.generate("payment_link", 3).unwrap();
    world.syncer.ensure_table::<CheckoutItem>().await.unwrap();
    let report = world.syncer.sync_all::<CheckoutItem>().await.unwrap();
    assert_eq!(report.inserted, 6, "{report}");
    let may_read = ["item", "checkout.session", "account", "event"];
    let key = world.fake.add_restricted_key(may_read).unwrap();
    let stripe = Stripe::builder(key)
        .base_url(world.fake.base_url())
        .budget(RateBudget::unlimited())
        .build()
        .unwrap();
    let syncer = Syncer::new(stripe, world.database.store());
    for fix in [false, true] {
        let found = syncer.verify_with::<CheckoutItem>(at_once().fix(fix)).await;
        let found = found.unwrap();
        let counts = found.counts;
        assert_eq!(
            (counts.equal, counts.unsettled, counts.drifted()),
            (3, 3, 0),
            "{found}"
        );
        assert!(
            found.to_string().contains("may not list payment links"),
            "{found}"
        );
    }
    // Also while it mends what else is wrong.
    let spoil = "UPDATE checkout_items SET quantity = 77";
    world.database.run(spoil).await;
    let mended = syncer
        .verify_with::<CheckoutItem>(at_once().fix(true))
        .await;
    let mended = mended.unwrap();
    assert_eq!(
        (mended.counts.differing, mended.counts.fixed),
        (3, 3),
        "{mended}"
    );
    let left = world.database.texts("SELECT id FROM checkout_items").await;
    assert_eq!(left.len(), 6);
}

async fn prices(world: &World) {
    let account = world.fake.unchecked();
    for key in ["gold", "silver", "lead"] {
        let tiers = json!([{"up_to": 10}, {"up_to": null}]);
        let price =
            json!({"id": key, "lookup_key": key, "tiers_mode": "graduated", "tiers": tiers});
        account.create("price", price).unwrap();
    }
    world.syncer.ensure_table::<Price>().await.unwrap();
    let report = world.syncer.sync_all::<Price>().await.unwrap();
    assert_eq!(report.inserted, 2, "{report}");
}

async fn children_of_what_only_lists_tell_of_are_mended(world: &World) {
    prices(world).await;
    let spoil = "UPDATE price_tiers SET up_to = 11 WHERE position = 0 AND price = 'gold'";
    world.database.run(spoil).await;
    let mended = world.verify::<Price>(at_once().fix(true)).await;
    let expected = set(["differing 0 of gold: up_to (fixed)".to_owned()]);
    assert_eq!(named(&mended.children[0].drifts), expected, "{mended}");
    assert_eq!(
        (mended.children[0].counts.fixed, mended.is_equal()),
        (1, true),
        "{mended}"
    );
    let after = world.verify::<Price>(at_once()).await;
    assert_eq!(
        (after.children[0].counts.equal, after.is_equal()),
        (4, true),
        "{after}"
    );
}

async fn a_sample_of_what_only_lists_tell_of_is_mended(world: &World) {
    prices(world).await;
    world.database.run("UPDATE prices SET nickname = 'x'").await;
    let mended = world.verify::<Price>(at_once().sample(1).fix(true)).await;
    assert_eq!(
        (mended.counts.differing, mended.counts.fixed),
        (1, 1),
        "{mended}"
    );
    assert!(world.verify::<Price>(at_once()).await.is_equal());
}
