//! The ready-made models: each is filled from the fake, and equal to it.

#[path = "../databases/database.rs"]
mod database;
#[macro_use]
#[path = "../databases/each.rs"]
mod each;
mod entitlements;
mod pages;
mod replaced;
mod truth;
mod views;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use stripe_sync::live::Live;
use stripe_sync::reexport::chrono::Utc;
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::webhook::WebhookSecret;
use stripe_sync::{
    DatabaseKind, Model, Registry, SyncAllOptions, SyncError, Syncer, VerifyOptions,
};
use stripe_sync_schema::catalogue;

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

const OWN_ACCOUNT: &str = "acct_1FakeStripe";

struct World {
    fake: FakeStripe,
    database: Database,
    syncer: Syncer,
}

impl World {
    async fn start(kind: DatabaseKind) -> Self {
        Self::of(kind, stripe_sync_models::all()).await
    }

    async fn of(kind: DatabaseKind, models: Registry) -> Self {
        let fake = FakeStripe::builder().seed(21).start().await.unwrap();
        let database = Database::create(kind).await;
        let syncer = Syncer::builder(fake.stripe().unwrap(), database.store())
            .registry(models)
            .build();
        for (model, made) in syncer.ensure_models(syncer.registry()).await {
            made.unwrap_or_else(|error| panic!("{}: {error}", model.name()));
        }
        Self {
            fake,
            database,
            syncer,
        }
    }

    /// Compares the tables of models, column by column, with the objects of which rows are expected.
    async fn assert_equal(&self, shown: truth::Shown<'_>, of: impl Fn(&Model) -> bool) {
        let registry = self.syncer.registry();
        let models = registry.models().zip(registry.tables());
        let mut differences = Vec::new();
        for (model, table) in models.filter(|(model, _)| of(model)) {
            let expected = truth::expected(&self.fake, model, shown);
            let mut found = truth::found(&self.database, model, &table).await;
            // The fake's own account is among no objects, and events of its bank accounts are about it, too.
            found.retain(|id, _| !id.contains(OWN_ACCOUNT));
            differences.extend(truth::differences(model, &expected, &found));
        }
        assert!(differences.is_empty(), "{}", differences.join("\n"));
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

async fn every_model_is_filled_by_a_backfill(world: &World) {
    world.generate();
    let syncer = &world.syncer;
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
    let shown = |object: &str| match object {
        // The model has those of the account, and no list shows others beside them.
        "apps.secret" => {
            let mut secrets = world.fake.truth(object);
            secrets.retain(|secret| secret["scope"]["type"] == "account");
            secrets
        }
        _ => world.fake.listable(object),
    };
    world.assert_equal(&shown, |_| true).await;
    let options = VerifyOptions::default();
    for (model, verification) in syncer.verify_models(syncer.registry(), options).await {
        let verification = verification.unwrap_or_else(|error| panic!("{}: {error}", model.name()));
        assert!(verification.is_equal(), "{verification}");
    }
}

/// Models whose objects Stripe does not send one by one, or without saying whose they are, and that are no children: they come
/// with lists alone.
const LISTED_ONLY: [&str; 6] = [
    "ActiveEntitlement",
    "AppsSecret",
    "PaymentIntentAmountDetailsLineItem",
    "ProductFeature",
    "SetupAttempt",
    "SourceTransaction",
];

/// Models whose objects are read below their parents, which a row or an event names, and a change of one.
const BELOW_PARENTS: [(&str, &str, &str); 6] = [
    ("BankAccount", "bank_name", "Other bank"),
    ("Capability", "status", "pending"),
    ("Card", "name", "Other name"),
    ("CustomerBalanceTransaction", "description", "Other"),
    ("CustomerCashBalanceTransaction", "currency", "nok"),
    ("Person", "first_name", "Other"),
];

async fn every_model_is_filled_by_ids(world: &World) {
    world.generate();
    let (fake, syncer) = (&world.fake, &world.syncer);
    let models: Vec<&'static Model> = syncer.registry().models().collect();
    let is_child = |model: &Model| {
        let mut children = models.iter().flat_map(|parent| parent.children());
        children.any(|(_, child)| child.name() == model.name())
    };
    let change = |model: &Model| BELOW_PARENTS.iter().find(|below| below.0 == model.name());
    for model in models.iter().copied() {
        if let Some((_, member, value)) = change(model) {
            let filled = syncer.sync_models([model], SyncAllOptions::default()).await;
            assert!(
                filled.iter().all(|(_, filled)| filled.is_ok()),
                "{filled:?}"
            );
            for object in fake.listable(model.object()) {
                fake.update(object["id"].as_str().unwrap(), json!({ *member: value }))
                    .unwrap();
            }
        }
    }
    let below: Vec<&str> = models
        .iter()
        .filter(|model| change(model).is_some())
        .map(|model| model.object())
        .collect();
    // Stripe forgets events after 30 days.
    let shown = |object: &str| match object == "event" || below.contains(&object) {
        true => fake.listable(object),
        false => fake.truth(object),
    };
    let mut listed_only = BTreeSet::new();
    for model in models.iter().copied() {
        let objects = shown(model.object());
        let ids = objects.iter().filter_map(|object| object["id"].as_str());
        match syncer.sync_model_by_ids(model, ids).await {
            Ok(report) => assert_eq!((report.failed, report.missing), (0, 0), "{report:?}"),
            Err(SyncError::NotRetrievable { .. }) if is_child(model) => {}
            Err(SyncError::NotRetrievable { .. }) => {
                listed_only.insert(model.name());
            }
            Err(error) => panic!("{}: {error}", model.name()),
        }
    }
    assert_eq!(listed_only, LISTED_ONLY.into());
    let is_readable = |model: &Model| !LISTED_ONLY.contains(&model.name());
    world.assert_equal(&shown, is_readable).await;
}

/// Every object of a resource of which events tell is made, and an event of each of its types is delivered.
async fn every_model_is_filled_by_events(world: &World) {
    let (fake, syncer) = (&world.fake, &world.syncer);
    let endpoint = fake
        .webhook_endpoint("https://example.com/stripe")
        .events(["*"]);
    let secret = WebhookSecret::new(&endpoint.create().unwrap().secret).unwrap();
    let live = Live::builder(syncer.clone()).models(syncer.registry());
    let live = live.secret(secret).build().unwrap();
    let mut made = BTreeMap::new();
    for model in syncer.registry().models() {
        let resource = catalogue::resource(model.object());
        let events = resource.into_iter().flat_map(|resource| &resource.events);
        for kind in events {
            let object = made
                .entry(model.object())
                .or_insert_with_key(|object| fake.create(object, json!({})).unwrap());
            fake.record_event(kind, object).unwrap();
        }
    }
    for delivery in fake.take_deliveries() {
        let headers = delivery.headers(Utc::now().timestamp()).into_iter();
        let headers = headers.map(|(name, value)| {
            let name: http::HeaderName = name.parse().unwrap();
            (name, http::HeaderValue::from_str(&value).unwrap())
        });
        let response = live
            .receive(&headers.collect(), delivery.body.clone())
            .await;
        assert_eq!(response.status(), 200);
    }
    let processed = live.drain().await.unwrap();
    assert_eq!((processed.retried, processed.dead), (0, 0), "{processed:?}");
    // What was made beside an object, of which no event tells.
    let events = fake.truth("event");
    let told: BTreeSet<&str> = events
        .iter()
        .filter_map(|event| event["data"]["object"]["id"].as_str())
        .collect();
    let shown = |object: &str| {
        let mut objects = match object {
            // Stripe shows those of connected accounts and customers, and not the account's own.
            "bank_account" => fake.listable(object),
            _ => fake.truth(object),
        };
        if made.contains_key(object) {
            objects.retain(|object| told.contains(object["id"].as_str().unwrap()));
        }
        objects
    };
    let has_events =
        |model: &Model| made.contains_key(model.object()) && model.name() != "SourceTransaction";
    world.assert_equal(&shown, has_events).await;
}

on_each_database! {
    World, start, end:
    every_model_is_filled_by_a_backfill
    every_model_is_filled_by_ids
    every_model_is_filled_by_events
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
