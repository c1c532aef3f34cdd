//! Lists inside objects as rows of their own: written, changed and removed with their parents.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{DatabaseKind, Json, Report, StripeSync, SyncAllOptions, Syncer};

use super::database::{Database, Pool};

mod refused;

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

/// The items of the subscriptions.
const SIZES: [usize; 4] = [1, 10, 11, 250];

struct World {
    fake: FakeStripe,
    database: Database,
    syncer: Syncer,
}

impl World {
    async fn start(kind: DatabaseKind) -> Self {
        let fake = FakeStripe::builder().seed(19).start().await.unwrap();
        let database = Database::create(kind).await;
        let syncer = Syncer::new(fake.stripe().unwrap(), database.store());
        syncer.ensure_table::<Subscription>().await.unwrap();
        syncer.ensure_table::<Price>().await.unwrap();
        Self {
            fake,
            database,
            syncer,
        }
    }

    async fn end(self) {
        self.database.remove().await;
    }

    /// Subscriptions with as many items each.
    fn subscriptions(&self) -> Vec<String> {
        self.fake.generate("customer", 1).unwrap();
        self.fake.generate("price", 3).unwrap();
        self.fake.generate("subscription", SIZES.len()).unwrap();
        let ids: Vec<String> = self.fake.ids("subscription");
        for (id, size) in ids.iter().zip(SIZES) {
            let items = self.fake.get(id).unwrap()["items"]["data"].take();
            let there = items.as_array().map_or(0, Vec::len);
            for number in there..size {
                let item = json!({"subscription": id, "quantity": number});
                self.fake.create("subscription_item", item).unwrap();
            }
        }
        // Of long ago: no event tells of them.
        self.fake.advance(Duration::from_secs(86_400));
        ids
    }

    async fn sync(&self) -> Report {
        let options = SyncAllOptions::default();
        let report = self.syncer.sync_all_with::<Subscription>(options).await;
        report.unwrap()
    }

    fn truth(&self) -> BTreeMap<String, Value> {
        let ids = self.fake.ids("subscription_item").into_iter();
        ids.map(|id| (id.clone(), self.fake.get(&id).unwrap()))
            .collect()
    }

    async fn assert_truth(&self) {
        assert_eq!(self.database.rows("subscription_items").await, self.truth());
    }
}

on_each_database! {
    World, start, end:
    items_are_written_changed_and_removed_with_their_subscriptions
    tiers_are_replaced
}

async fn items_are_written_changed_and_removed_with_their_subscriptions(world: &World) {
    let ids = world.subscriptions();
    let report = world.sync().await;
    world.assert_truth().await;
    let items = report.child("SubscriptionItem").unwrap();
    assert_eq!(
        items.inserted,
        SIZES.iter().sum::<usize>() as u64,
        "{report}"
    );
    // Test clocks, events and one page; one and three for what the lists of 11 and of 250 lack.
    assert_eq!(report.requests, 7, "{report}");

    let report = world.sync().await;
    let items = report.child("SubscriptionItem").unwrap();
    assert_eq!((items.written(), items.deleted), (0, 0), "{report}");

    let of = |subscription: &str| {
        let mut ids = world.fake.ids("subscription_item");
        ids.retain(|id| world.fake.get(id).unwrap()["subscription"] == subscription);
        ids
    };
    let large = of(&ids[3]);
    for id in &large[..240] {
        world.fake.delete(id).unwrap();
    }
    world
        .fake
        .update(&large[245], json!({"quantity": 7_777}))
        .unwrap();
    let added = json!({"subscription": ids[1], "quantity": 1});
    world.fake.create("subscription_item", added).unwrap();
    let report = world.sync().await;
    world.assert_truth().await;
    let items = report.child("SubscriptionItem").unwrap();
    assert_eq!(
        (items.inserted, items.updated, items.deleted),
        (1, 1, 240),
        "{report}"
    );

    // By ids, too.
    world.fake.delete(&of(&ids[1])[0]).unwrap();
    let report = world
        .syncer
        .sync_by_ids::<Subscription>([&*ids[1], &*ids[0]])
        .await
        .unwrap();
    world.assert_truth().await;
    let items = report.child("SubscriptionItem").unwrap();
    assert_eq!((items.written(), items.deleted), (0, 1), "{report}");
}

async fn tiers_are_replaced(world: &World) {
    let tiers = |limits: &[i64]| -> Value {
        let mut tiers: Vec<Value> = limits.iter().map(|limit| json!({"up_to": limit})).collect();
        tiers.push(json!({"up_to": null}));
        json!(tiers)
    };
    let account = world.fake.unchecked();
    let create = |id: &str, tiers: Value| {
        let price = json!({"id": id, "tiers_mode": "graduated", "tiers": tiers});
        account.create("price", price).unwrap();
    };
    create("price_1", tiers(&[10, 20]));
    create("price_2", tiers(&[]));
    let stored = async || {
        let text = match world.database.pool {
            Pool::MySql(_) => "CHAR",
            _ => "TEXT",
        };
        let sql = format!("SELECT CAST(up_to AS {text}) FROM price_tiers ORDER BY price, position");
        world.database.texts(&sql).await
    };
    let text = |limits: &[&str]| {
        let texts = limits.iter().map(|limit| Some((*limit).to_owned()));
        texts.collect::<Vec<Option<String>>>()
    };
    let report = world.syncer.sync_all::<Price>().await.unwrap();
    let mut expected = text(&["10", "20"]);
    expected.extend([None, None]);
    assert_eq!(stored().await, expected, "{report}");

    account
        .update("price_1", json!({"tiers": tiers(&[5])}))
        .unwrap();
    let report = world.syncer.sync_all::<Price>().await.unwrap();
    let mut expected = text(&["5"]);
    expected.extend([None, None]);
    assert_eq!(stored().await, expected, "{report}");
    let report = world.syncer.sync_all::<Price>().await.unwrap();
    assert_eq!((report.updated, report.unchanged), (0, 2), "{report}");
}
