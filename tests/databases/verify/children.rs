//! Elements of lists: those that are missing, too many, changed or below nobody.

use serde_json::{Value, json};
use stripe_sync::{DatabaseKind, Json, StripeSync, Verification};

use super::{at_once, named, set};

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "subscriptions")]
struct Subscription {
    id: String,
    status: String,
    #[stripe(children)]
    items: Vec<SubscriptionItem>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "subscription_items")]
struct SubscriptionItem {
    id: String,
    #[stripe(parent)]
    subscription: String,
    quantity: Option<i64>,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "price", table = "prices")]
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

struct World(super::World);

impl World {
    async fn start(kind: DatabaseKind) -> Self {
        let world = super::World::start(kind).await;
        world.fake.generate("customer", 1).unwrap();
        world.fake.generate("price", 3).unwrap();
        Self(world)
    }

    async fn end(self) {
        self.0.end().await;
    }

    async fn run(&self, sql: &str) {
        self.0.database.run(sql).await;
    }

    /// The items of a subscription.
    fn items(&self, subscription: &str) -> Vec<String> {
        let fake = &self.0.fake;
        let mut ids = fake.ids("subscription_item");
        ids.retain(|id| fake.get(id).unwrap()["subscription"] == subscription);
        ids
    }
}

on_each_database! {
    World, start, end:
    items_are_verified_with_their_subscriptions
    tiers_are_verified_with_their_prices
    children_of_nobody_are_found
}

/// The drifts of the only children.
fn of_children(verification: &Verification) -> &stripe_sync::ChildVerification {
    let [children] = &verification.children[..] else {
        panic!("{verification}");
    };
    children
}

async fn items_are_verified_with_their_subscriptions(world: &World) {
    let World(inner) = world;
    let ids = inner.mirrored::<Subscription>(4).await;
    for id in &ids {
        for number in 0..12 {
            let item = json!({"subscription": id, "quantity": number});
            inner.fake.create("subscription_item", item).unwrap();
        }
    }
    inner.syncer.sync_all::<Subscription>().await.unwrap();
    let verification = inner.verify::<Subscription>(at_once()).await;
    assert!(verification.is_equal(), "{verification}");
    let items = inner.fake.ids("subscription_item").len() as u64;
    assert_eq!(
        of_children(&verification).counts.equal,
        items,
        "{verification}"
    );

    let all: Vec<Vec<String>> = ids.iter().map(|id| world.items(id)).collect();
    world
        .run(&format!(
            "DELETE FROM subscription_items WHERE id = '{}'",
            all[0][11]
        ))
        .await;
    world
        .run(&format!(
            "UPDATE subscription_items SET quantity = NULL WHERE id = '{}'",
            all[1][3]
        ))
        .await;
    world
        .run(&format!(
            "INSERT INTO subscription_items (id, subscription, object) VALUES ('si_added', '{}', '{{}}')",
            ids[2]
        ))
        .await;
    let moved = format!(
        "UPDATE subscription_items SET subscription = '{}' WHERE id = '{}'",
        ids[3], all[2][0]
    );
    world.run(&moved).await;
    let found = inner.verify::<Subscription>(at_once()).await;
    let children = of_children(&found);
    let expected = set([
        format!("missing {} of {}", all[0][11], ids[0]),
        format!("differing {} of {}: quantity", all[1][3], ids[1]),
        format!("extra si_added of {}", ids[2]),
        format!("differing {} of {}: subscription", all[2][0], ids[2]),
        format!("extra {} of {}", all[2][0], ids[3]),
    ]);
    assert_eq!(named(&children.drifts), expected, "{found}");
    assert_eq!(
        (found.counts.equal, found.counts.drifted()),
        (4, 0),
        "{found}"
    );
    assert!(!found.is_equal());

    let mended = inner.verify::<Subscription>(at_once().fix(true)).await;
    assert!(mended.is_equal(), "{mended}");
    let after = inner.verify::<Subscription>(at_once()).await;
    let children = of_children(&after).counts;
    assert_eq!((children.equal, children.drifted()), (items, 0), "{after}");
}

async fn tiers_are_verified_with_their_prices(world: &World) {
    let World(inner) = world;
    let account = inner.fake.unchecked();
    for number in 0..3 {
        let tiers = json!([{"up_to": 10}, {"up_to": 20}, {"up_to": null}]);
        let price =
            json!({"id": format!("price_{number}"), "tiers_mode": "graduated", "tiers": tiers});
        account.create("price", price).unwrap();
    }
    inner.syncer.ensure_table::<Price>().await.unwrap();
    inner.syncer.sync_all::<Price>().await.unwrap();
    let verification = inner.verify::<Price>(at_once()).await;
    assert!(verification.is_equal(), "{verification}");
    assert_eq!(of_children(&verification).counts.equal, 9, "{verification}");

    world
        .run("DELETE FROM price_tiers WHERE price = 'price_0' AND position = 2")
        .await;
    world
        .run("UPDATE price_tiers SET up_to = 11 WHERE price = 'price_1' AND position = 0")
        .await;
    world
        .run("INSERT INTO price_tiers (price, position, up_to) VALUES ('price_2', 3, 5)")
        .await;
    let expected = |fixed: &str| {
        set([
            format!("missing 2 of price_0{fixed}"),
            format!("differing 0 of price_1: up_to{fixed}"),
            format!("extra 3 of price_2{fixed}"),
        ])
    };
    let found = inner.verify::<Price>(at_once()).await;
    assert_eq!(named(&of_children(&found).drifts), expected(""), "{found}");
    let mended = inner.verify::<Price>(at_once().fix(true)).await;
    assert_eq!(
        named(&of_children(&mended).drifts),
        expected(" (fixed)"),
        "{mended}"
    );
    let after = inner.verify::<Price>(at_once()).await;
    assert!(after.is_equal(), "{after}");
    assert_eq!(of_children(&after).counts.equal, 9, "{after}");
}

async fn children_of_nobody_are_found(world: &World) {
    let World(inner) = world;
    inner.mirrored::<Subscription>(2).await;
    inner.syncer.ensure_table::<Price>().await.unwrap();
    inner.syncer.sync_all::<Price>().await.unwrap();
    world
        .run("INSERT INTO subscription_items (id, subscription, object) VALUES ('si_1', 'sub_nobody', '{}')")
        .await;
    world
        .run("INSERT INTO price_tiers (price, position, up_to) VALUES ('price_nobody', 0, 5)")
        .await;
    let found = inner.verify::<Subscription>(at_once().fix(true)).await;
    let children = of_children(&found);
    let expected = set(["extra si_1 of sub_nobody (fixed)".to_owned()]);
    assert_eq!(named(&children.drifts), expected, "{found}");
    let found = inner.verify::<Price>(at_once().fix(true)).await;
    let expected = set(["extra 0 of price_nobody (fixed)".to_owned()]);
    assert_eq!(named(&of_children(&found).drifts), expected, "{found}");
    assert!(inner.verify::<Subscription>(at_once()).await.is_equal());
    assert!(inner.verify::<Price>(at_once()).await.is_equal());
}
