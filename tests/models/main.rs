//! The ready-made models: each is filled from the fake, and equal to it.

#[path = "../databases/database.rs"]
mod database;
#[macro_use]
#[path = "../databases/each.rs"]
mod each;

use std::collections::BTreeSet;

use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{DatabaseKind, SyncAllOptions, Syncer, VerifyOptions};

use self::database::Database;

/// How many objects of each resource there are.
const OBJECTS: usize = 3;

struct World {
    fake: FakeStripe,
    database: Database,
    syncer: Syncer,
}

impl World {
    async fn start(kind: DatabaseKind) -> Self {
        let fake = FakeStripe::builder().seed(21).start().await.unwrap();
        let database = Database::create(kind).await;
        let syncer = Syncer::builder(fake.stripe().unwrap(), database.store())
            .registry(stripe_sync_models::all())
            .build();
        Self {
            fake,
            database,
            syncer,
        }
    }

    async fn end(self) {
        self.database.remove().await;
    }

    /// Makes objects of every resource that a model mirrors.
    fn generate(&self) {
        let objects: BTreeSet<&str> = stripe_sync_models::all()
            .models()
            .map(|model| model.object())
            .collect();
        for object in objects {
            // Those that stand only inside others come with them.
            if let Err(error) = self.fake.generate(object, OBJECTS) {
                let text = error.to_string();
                assert!(object.contains('.') || object == "item", "{object}: {text}");
            }
        }
    }
}

async fn every_model_is_filled_and_equal(world: &World) {
    world.generate();
    let syncer = &world.syncer;
    for (model, made) in syncer.ensure_models(syncer.registry()).await {
        made.unwrap_or_else(|error| panic!("{}: {error}", model.name()));
    }
    let options = SyncAllOptions::default();
    let mut seen = 0;
    for (model, report) in syncer.sync_models(syncer.registry(), options).await {
        let report = report.unwrap_or_else(|error| panic!("{}: {error}", model.name()));
        assert_eq!(report.failed, 0, "{report}");
        seen += report.seen;
    }
    assert!(seen > 300, "{seen} objects of all models");
    let options = VerifyOptions::default();
    for (model, verification) in syncer.verify_models(syncer.registry(), options).await {
        let verification = verification.unwrap_or_else(|error| panic!("{}: {error}", model.name()));
        assert!(verification.is_equal(), "{verification}");
    }
}

on_each_database! {
    World, start, end:
    every_model_is_filled_and_equal
}

#[test]
fn each_table_has_a_name_of_its_own_in_the_namespace() {
    let models = stripe_sync_models::all();
    for kind in [DatabaseKind::Sqlite, DatabaseKind::Postgres] {
        let tables = models.clone().on(kind).tables();
        let names: BTreeSet<String> = tables.iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), models.models().len());
        let customers = match kind {
            DatabaseKind::Postgres => "stripe.customers",
            _ => "stripe_customers",
        };
        assert!(names.contains(customers), "{names:?}");
    }
}
