//! What rows refer to: indexes, the order of runs, and what is missing.

use serde_json::{Value, json};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{
    DatabaseKind, FetchReport, IdOutcome, MissingReferences, ModelResult, Registry, StripeSync,
    SyncAllOptions, SyncError, Syncer,
};

use super::database::{Database, Pool};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(path = invoice_settings.default_payment_method, references = PaymentMethod)]
    payment_method: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "payment_method", table = "payment_methods")]
struct PaymentMethod {
    id: String,
    #[stripe(references = Customer)]
    customer: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "charge", table = "charges")]
struct Charge {
    id: String,
    #[stripe(references = PaymentIntent)]
    payment_intent: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "payment_intent", table = "payment_intents")]
struct PaymentIntent {
    id: String,
    #[stripe(references = Charge)]
    latest_charge: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "product", table = "products")]
struct Product {
    id: String,
    #[stripe(references = Price)]
    default_price: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "price", table = "prices")]
struct Price {
    id: String,
    #[stripe(references = Product)]
    product: String,
}

/// Without `references`: only the table's foreign key says it.
#[derive(StripeSync)]
#[stripe(object = "charge", table = "plain_charges")]
struct PlainCharge {
    id: String,
    payment_intent: Option<String>,
}

const ROWS: usize = 4;

fn registry() -> Registry {
    Registry::new()
        .model::<Customer>()
        .model::<PaymentMethod>()
        .model::<Charge>()
        .model::<PaymentIntent>()
        .model::<Product>()
        .model::<Price>()
}

const TABLES: [&str; 6] = [
    "customers",
    "payment_methods",
    "charges",
    "payment_intents",
    "products",
    "prices",
];

struct World {
    fake: FakeStripe,
    database: Database,
    syncer: Syncer,
}

impl World {
    async fn start(kind: DatabaseKind) -> Self {
        let fake = FakeStripe::builder().seed(20).start().await.unwrap();
        let account = fake.unchecked();
        let create = |object: &str, value: Value| account.create(object, value).unwrap();
        for number in 0..ROWS {
            let id = |prefix: &str| format!("{prefix}_{number}");
            let (customer, method) = (id("cus"), id("pm"));
            let settings = json!({ "default_payment_method": method });
            create(
                "customer",
                json!({"id": customer, "invoice_settings": settings}),
            );
            create(
                "payment_method",
                json!({"id": method, "customer": customer}),
            );
            create(
                "charge",
                json!({"id": id("ch"), "payment_intent": id("pi")}),
            );
            create(
                "payment_intent",
                json!({"id": id("pi"), "latest_charge": id("ch")}),
            );
            create(
                "product",
                json!({"id": id("prod"), "default_price": id("price")}),
            );
            create("price", json!({"id": id("price"), "product": id("prod")}));
        }
        let database = Database::create(kind).await;
        let syncer = Syncer::new(fake.stripe().unwrap(), database.store());
        for (model, result) in syncer.ensure_models(registry()).await {
            result.unwrap_or_else(|error| panic!("{}: {error}", model.name()));
        }
        Self {
            fake,
            database,
            syncer,
        }
    }

    async fn end(self) {
        self.database.remove().await;
    }

    async fn missing(&self) -> Vec<MissingReferences> {
        let results = self.syncer.missing_references_of(registry()).await;
        let results = results.into_iter().map(|(_, result)| result.unwrap());
        results.flatten().collect()
    }

    async fn rows(&self, table: &str) -> usize {
        let ids = self
            .database
            .texts(&format!("SELECT id FROM {table}"))
            .await;
        ids.len()
    }
}

fn reports(results: Vec<ModelResult<FetchReport>>) -> Vec<FetchReport> {
    let results = results.into_iter().map(|(_, result)| result);
    results.collect::<Result<_, SyncError>>().unwrap()
}

on_each_database! {
    World, start, end:
    circles_that_are_loaded_in_any_order_end_with_nothing_missing
    what_stripe_does_not_know_remains_and_is_named
    missing_ids_come_in_pages
    a_table_without_the_indexes_is_written_to_and_gets_a_hint
    a_foreign_key_decides_the_order_and_fails_one_row
}

async fn circles_that_are_loaded_in_any_order_end_with_nothing_missing(world: &World) {
    let models: Vec<_> = registry().models().collect();
    let alone = models.iter().map(|model| vec![*model]);
    let backwards = models.iter().rev().copied().collect();
    for order in alone.chain([backwards, models.clone()]) {
        let names: Vec<_> = order.iter().map(|model| model.name()).collect();
        for table in TABLES {
            world.database.run(&format!("DELETE FROM {table}")).await;
        }
        for model in &order {
            let only = Registry::new().with(model);
            let results = world
                .syncer
                .sync_models(only, SyncAllOptions::default())
                .await;
            for (_, result) in results {
                let report = result.unwrap();
                assert!(
                    report.is_complete() && report.inserted == ROWS as u64,
                    "{report}"
                );
            }
        }
        if order.len() == 1 {
            assert!(!world.missing().await.is_empty(), "{names:?}");
        }
        let fetched = reports(world.syncer.fetch_missing_of(registry()).await);
        assert!(
            fetched.iter().all(|report| report.remaining.is_empty()),
            "{fetched:?}"
        );
        assert_eq!(world.missing().await, [], "{names:?}");
        let found: u64 = fetched.iter().map(|report| report.found).sum();
        assert_eq!(
            found,
            if order.len() == 1 { ROWS as u64 } else { 0 },
            "{names:?}"
        );
    }
}

async fn what_stripe_does_not_know_remains_and_is_named(world: &World) {
    let gone = json!({"id": "ch_gone", "payment_intent": "pi_gone"});
    world.fake.unchecked().create("charge", gone).unwrap();
    world.syncer.sync_all::<Charge>().await.unwrap();
    let fetched = reports(world.syncer.fetch_missing::<Charge>().await);
    let [report] = fetched.as_slice() else {
        panic!("{fetched:?}");
    };
    assert_eq!(
        (report.model.as_str(), report.asked, report.found),
        ("PaymentIntent", 5, 4)
    );
    assert_eq!(
        report.remaining,
        [("pi_gone".to_owned(), IdOutcome::Missing)]
    );
    assert!(report.to_string().contains("pi_gone"), "{report}");
    let missing = world.syncer.missing_references::<Charge>().await.unwrap();
    let [missing] = missing.as_slice() else {
        panic!("{missing:?}");
    };
    assert_eq!(
        (missing.column.as_str(), missing.ids.as_slice()),
        ("payment_intent", &["pi_gone".to_owned()][..])
    );
    // A row that is marked as deleted is a row.
    let deleted =
        "UPDATE payment_intents SET stripe_deleted_at = CURRENT_TIMESTAMP WHERE id = 'pi_1'";
    world.database.run(deleted).await;
    let missing = world.syncer.missing_references::<Charge>().await.unwrap();
    assert_eq!(missing[0].ids, ["pi_gone"]);
}

async fn missing_ids_come_in_pages(world: &World) {
    world.syncer.sync_all::<Charge>().await.unwrap();
    let page = async |behind: Option<&str>| {
        let page = world
            .syncer
            .missing_references_page::<Charge>("payment_intent", behind, 3);
        page.await.unwrap()
    };
    let first = page(None).await;
    assert_eq!(first, ["pi_0", "pi_1", "pi_2"]);
    assert_eq!(page(Some("pi_2")).await, ["pi_3"]);
    assert!(page(Some("pi_3")).await.is_empty());
    let none = world
        .syncer
        .missing_references_page::<Charge>("customer", None, 3)
        .await;
    let error = none.unwrap_err().to_string();
    assert_eq!(
        error,
        "expected a column of `Charge` with #[stripe(references = ...)], got `customer`"
    );
}

async fn a_table_without_the_indexes_is_written_to_and_gets_a_hint(world: &World) {
    let missing = async || world.syncer.missing_indexes::<Price>().await.unwrap();
    assert_eq!(missing().await, []);
    let drop = match &world.database.pool {
        Pool::MySql(_) => "DROP INDEX prices__product_idx ON prices",
        _ => "DROP INDEX prices__product_idx",
    };
    world.database.run(drop).await;
    let hints = missing().await;
    let [hint] = hints.as_slice() else {
        panic!("{hints:?}");
    };
    assert_eq!(
        (hint.table.as_str(), hint.columns.as_slice()),
        ("prices", &["product".to_owned()][..])
    );
    assert!(
        world
            .syncer
            .check_table::<Price>()
            .await
            .unwrap()
            .is_empty()
    );
    let report = world.syncer.sync_all::<Price>().await.unwrap();
    assert_eq!(report.inserted, ROWS as u64, "{report}");
    let syncer = Syncer::builder(world.fake.stripe().unwrap(), world.database.store());
    let syncer = syncer.registry(registry()).build();
    let pending = syncer.pending_statements().await.unwrap();
    assert!(
        pending.statements.is_empty() && pending.refused.is_empty(),
        "{pending}"
    );
    assert_eq!(pending.hints, hints);
    assert!(
        pending
            .to_string()
            .starts_with("-- prices: no index on (product)"),
        "{pending}"
    );
    world.database.run(&hint.statement).await;
    assert_eq!(missing().await, []);
}

async fn a_foreign_key_decides_the_order_and_fails_one_row(world: &World) {
    let key = "FOREIGN KEY (payment_intent) REFERENCES payment_intents (id),\n  PRIMARY KEY";
    let create = world.syncer.create_table::<PlainCharge>();
    let create = create[0].replace("PRIMARY KEY", key).replace(
        "`payment_intent` LONGTEXT",
        "`payment_intent` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    );
    world.database.run(&create).await;
    let gone = json!({"id": "ch_gone", "payment_intent": "pi_gone"});
    world.fake.unchecked().create("charge", gone).unwrap();
    let models = Registry::new()
        .model::<PlainCharge>()
        .model::<PaymentIntent>();
    let results = world
        .syncer
        .sync_models(models, SyncAllOptions::default())
        .await;
    let [(_, charges), (_, intents)] = results.as_slice() else {
        panic!("{results:?}");
    };
    let (charges, intents) = (charges.as_ref().unwrap(), intents.as_ref().unwrap());
    assert_eq!(intents.inserted, ROWS as u64, "{intents}");
    assert_eq!(
        (charges.inserted, charges.failed),
        (ROWS as u64, 1),
        "{charges}"
    );
    assert_eq!(charges.failures[0].id, "ch_gone", "{charges}");
    assert_eq!(world.rows("plain_charges").await, ROWS);
}
