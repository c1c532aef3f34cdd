//! Own structs in the place of ready-made ones: what refers to these, and has them as children, has the own ones.

use serde_json::json;
use stripe_sync::live::Live;
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe};
use stripe_sync::{DatabaseKind, Model, StripeSync, SyncAllOptions, SyncError, VerifyOptions};
use stripe_sync_models::{Customer, Subscription, SubscriptionItem};

use crate::World;
use crate::database::Pool;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "users")]
struct User {
    id: String,
    email: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "seats")]
struct Seat {
    id: String,
    #[stripe(parent)]
    subscription: String,
    #[stripe(default)]
    quantity: i64,
}

impl World {
    async fn replaced(kind: DatabaseKind) -> Self {
        let models = stripe_sync_models::billing::all()
            .replace::<Customer, User>()
            .replace::<SubscriptionItem, Seat>();
        let world = Self::of(kind, models).await;
        for object in ["customer", "subscription"] {
            world.fake.generate(object, 3).unwrap();
        }
        world
    }

    async fn sync(&self) {
        let options = SyncAllOptions::default();
        for (model, report) in self
            .syncer
            .sync_models(self.syncer.registry(), options)
            .await
        {
            report.unwrap_or_else(|error| panic!("{}: {error}", model.name()));
        }
    }

    /// Expects every table to be as the fake is.
    async fn is_equal(&self) {
        self.assert_equal(&|object| self.fake.listable(object), |_| true)
            .await;
        let options = VerifyOptions::default();
        for (model, found) in self
            .syncer
            .verify_models(self.syncer.registry(), options)
            .await
        {
            let found = found.unwrap_or_else(|error| panic!("{}: {error}", model.name()));
            assert!(found.is_equal(), "{found}");
        }
    }

    pub(crate) async fn run(&self, sql: &str) {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        match &self.database.pool {
            Pool::Sqlite(pool) => sql.execute(pool).await.map(drop),
            Pool::Postgres(pool) => sql.execute(pool).await.map(drop),
            Pool::MySql(pool) => sql.execute(pool).await.map(drop),
        }
        .unwrap();
    }
}

async fn own_structs_have_the_rows(world: &World) {
    world.sync().await;
    world.is_equal().await;
    // By the struct's own description, which knows nothing of the registry.
    let ids = world.fake.ids("subscription");
    world
        .fake
        .update(&ids[0], json!({ "metadata": { "a": "b" } }))
        .unwrap();
    let report = world.syncer.sync_by_ids::<Subscription>(ids).await.unwrap();
    assert_eq!((report.updated, report.failed), (1, 0), "{report:?}");
    let children: Vec<&str> = report.children.iter().map(|child| &*child.model).collect();
    assert_eq!(children, ["Seat"]);
    world.is_equal().await;
}

async fn what_is_missing_is_fetched_into_the_own_table(world: &World) {
    world.sync().await;
    world.run("DELETE FROM users").await;
    let missing = world
        .syncer
        .missing_references::<Subscription>()
        .await
        .unwrap();
    let customers = missing
        .iter()
        .find(|missing| missing.column == "customer")
        .unwrap();
    assert_eq!(customers.references, "User");
    let page = world
        .syncer
        .missing_references_page::<Subscription>("customer", None, 10);
    assert_eq!(page.await.unwrap(), customers.ids);
    for (model, fetched) in world.syncer.fetch_missing::<Subscription>().await {
        let fetched = fetched.unwrap_or_else(|error| panic!("{}: {error}", model.name()));
        if model.name() == "User" {
            assert_eq!(fetched.found, customers.ids.len() as u64);
        }
    }
    let missing = world
        .syncer
        .missing_references::<Subscription>()
        .await
        .unwrap();
    assert!(
        missing.iter().all(|missing| missing.column != "customer"),
        "{missing:?}"
    );
}

async fn events_lead_to_the_own_tables(world: &World) {
    world.sync().await;
    let live = Live::builder(world.syncer.clone()).models(world.syncer.registry());
    let live = live.build().unwrap();
    live.catch_up().await.unwrap();
    let subscription = &world.fake.ids("subscription")[0];
    let item = world
        .fake
        .children(subscription, "subscription_item")
        .remove(0);
    world
        .fake
        .update(item["id"].as_str().unwrap(), json!({ "quantity": 77 }))
        .unwrap();
    world
        .fake
        .update(
            &world.fake.ids("customer")[0],
            json!({ "email": "new@example.com" }),
        )
        .unwrap();
    live.catch_up().await.unwrap();
    let processed = live.drain().await.unwrap();
    assert_eq!((processed.retried, processed.dead), (0, 0), "{processed:?}");
    world.is_equal().await;
}

async fn the_replaced_struct_is_refused(world: &World) {
    let refused = |error: &SyncError| {
        let expected = "`User` is in the place of `Customer` in the syncer's registry: use `User`";
        assert!(matches!(error, SyncError::Replaced { .. }), "{error:?}");
        assert_eq!(error.to_string(), expected);
    };
    let syncer = &world.syncer;
    refused(&syncer.sync_all::<Customer>().await.unwrap_err());
    refused(&syncer.sync_by_ids::<Customer>(["cus_1"]).await.unwrap_err());
    refused(&syncer.ensure_table::<Customer>().await.unwrap_err());
    refused(&syncer.verify::<Customer>().await.unwrap_err());
    let models: [&'static Model; 2] = [Customer::MODEL, User::MODEL];
    let mut results = syncer.sync_models(models, SyncAllOptions::default()).await;
    assert!(results.pop().unwrap().1.is_ok());
    refused(&results.pop().unwrap().1.unwrap_err());
    assert!(
        Live::builder(syncer.clone())
            .model::<Customer>()
            .build()
            .is_err()
    );
}

on_each_database! {
    World, replaced, end:
    own_structs_have_the_rows
    what_is_missing_is_fetched_into_the_own_table
    events_lead_to_the_own_tables
    the_replaced_struct_is_refused
}
