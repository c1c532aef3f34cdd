//! What customers may use: entitlements name no customer, and no event tells of one alone.

use std::collections::BTreeMap;

use serde_json::json;
use stripe_sync::live::Live;
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe};
use stripe_sync::{DatabaseKind, Registry, SyncAllOptions, VerifyOptions};
use stripe_sync_models::{ActiveEntitlement, Customer};

use crate::World;
use crate::database::Pool;

const ENTITLEMENT: &str = "entitlements.active_entitlement";

impl World {
    async fn with_entitlements(kind: DatabaseKind) -> Self {
        let models = Registry::new()
            .model::<Customer>()
            .model::<ActiveEntitlement>();
        let world = Self::of(kind, models).await;
        for customer in ["cus_1", "cus_2", "cus_3"] {
            world
                .fake
                .create("customer", json!({ "id": customer }))
                .unwrap();
            for _ in 0..12 {
                world.entitle(customer);
            }
        }
        world
    }

    fn entitle(&self, customer: &str) {
        let made = self.fake.create_child(customer, ENTITLEMENT, json!({}));
        made.unwrap();
    }

    /// How many entitlements each customer has, by the rows.
    async fn entitled(&self) -> BTreeMap<String, i64> {
        let table = match self.database.pool {
            Pool::Postgres(_) => "stripe.active_entitlements",
            _ => "stripe_active_entitlements",
        };
        let sql = AssertSqlSafe(format!(
            "SELECT customer, COUNT(*) FROM {table} WHERE deleted_at IS NULL GROUP BY customer"
        ));
        let rows: Vec<(String, i64)> = match &self.database.pool {
            Pool::Sqlite(pool) => sqlx::query_as(sql).fetch_all(pool).await,
            Pool::Postgres(pool) => sqlx::query_as(sql).fetch_all(pool).await,
            Pool::MySql(pool) => sqlx::query_as(sql).fetch_all(pool).await,
        }
        .unwrap();
        rows.into_iter().collect()
    }

    /// How many the fake has.
    fn expected(&self) -> BTreeMap<String, i64> {
        let customers = self.fake.ids("customer").into_iter();
        let count = |id: &str| self.fake.children(id, ENTITLEMENT).len() as i64;
        customers
            .map(|id| (id.clone(), count(&id)))
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    fn take_away(&self, customer: &str, count: usize) {
        for entitlement in self.fake.children(customer, ENTITLEMENT).iter().take(count) {
            self.fake
                .delete(entitlement["id"].as_str().unwrap())
                .unwrap();
        }
    }
}

async fn events_and_runs_follow_each_customers_entitlements(world: &World) {
    let syncer = &world.syncer;
    let options = SyncAllOptions::default;
    for (_, report) in syncer.sync_models(syncer.registry(), options()).await {
        assert_eq!(report.unwrap().failed, 0);
    }
    assert_eq!(world.entitled().await, world.expected());
    let live = Live::builder(syncer.clone()).models(syncer.registry());
    let live = live.build().unwrap();
    live.catch_up().await.unwrap();

    // Events: one is given, some are taken away, and all of a customer's.
    world.entitle("cus_1");
    world.take_away("cus_2", 5);
    world.take_away("cus_3", 12);
    live.catch_up().await.unwrap();
    let processed = live.drain().await.unwrap();
    assert_eq!((processed.retried, processed.dead), (0, 0), "{processed:?}");
    assert_eq!(world.entitled().await, world.expected());

    // A run finds what no event told of.
    world.take_away("cus_1", 13);
    world.entitle("cus_2");
    for (_, report) in syncer.sync_models(syncer.registry(), options()).await {
        assert_eq!(report.unwrap().failed, 0);
    }
    assert_eq!(world.entitled().await, world.expected());
    for (_, found) in syncer
        .verify_models(syncer.registry(), VerifyOptions::default())
        .await
    {
        let found = found.unwrap();
        assert!(found.is_equal(), "{found}");
    }
}

on_each_database! {
    World, with_entitlements, end:
    events_and_runs_follow_each_customers_entitlements
}
