//! The ready-made models: each is filled from the fake, and equal to it.

#[path = "../databases/database.rs"]
mod database;
#[macro_use]
#[path = "../databases/each.rs"]
mod each;

use std::collections::BTreeSet;

use serde_json::json;
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{DatabaseKind, SyncAllOptions, Syncer, VerifyOptions};

use self::database::Database;

/// How many objects of each resource there are.
const OBJECTS: usize = 3;

/// Elements without an id, which come with the objects that hold them.
const INSIDE: [&str; 6] = [
    "balance_transaction.fee_details",
    "credit_note.total_taxes",
    "invoice.total_discount_amounts",
    "invoice.total_taxes",
    "plan.tiers",
    "price.tiers",
];

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
        let models = stripe_sync_models::all();
        let objects: BTreeSet<&str> = models.models().map(|model| model.object()).collect();
        for object in objects
            .into_iter()
            .filter(|object| !INSIDE.contains(object))
        {
            self.fake.generate(object, OBJECTS).unwrap();
        }
        // What chance leaves empty; the first one is an event, too.
        let create = |object: &str, members| self.fake.create(object, members).unwrap();
        create("customer", json!({}));
        let discounts =
            json!([{ "amount": 250, "discount": "di_1" }, { "amount": 50, "discount": "di_2" }]);
        create("invoice", json!({ "total_discount_amounts": discounts }));
        let tax = json!({ "amount": 19, "tax_behavior": "exclusive", "taxability_reason": "standard_rated", "taxable_amount": 100, "type": "tax_rate_details" });
        create("credit_note", json!({ "total_taxes": [tax] }));
        let record = self.fake.ids("payment_record").remove(0);
        create(
            "payment_attempt_record",
            json!({ "payment_record": record }),
        );
    }
}

async fn every_model_is_filled_and_equal(world: &World) {
    world.generate();
    let syncer = &world.syncer;
    for (model, made) in syncer.ensure_models(syncer.registry()).await {
        made.unwrap_or_else(|error| panic!("{}: {error}", model.name()));
    }
    let options = SyncAllOptions::default();
    let mut empty = BTreeSet::new();
    for (model, report) in syncer.sync_models(syncer.registry(), options).await {
        let report = report.unwrap_or_else(|error| panic!("{}: {error}", model.name()));
        assert_eq!(report.failed, 0, "{report}");
        if report.seen == 0 {
            empty.insert(model.name().to_owned());
        }
        let children = report.children.iter().filter(|child| child.inserted == 0);
        empty.extend(children.map(|child| child.model.clone()));
    }
    assert_eq!(empty, BTreeSet::new(), "models without a row");
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
