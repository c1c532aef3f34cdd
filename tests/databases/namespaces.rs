//! Tables in a namespace: a schema on PostgreSQL, which is created with the first of them, and a prefix elsewhere.

use std::collections::BTreeSet;

use serde_json::json;
use stripe_sync::live::Live;
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{
    DatabaseKind, Registry, StoreError, StripeSync, SyncAllOptions, SyncError, Syncer, TableName,
    create_table,
};

use super::database::{Database, Pool};

mod schemas;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", namespace = "stripe")]
struct Customer {
    id: String,
    #[stripe(index)]
    email: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "subscriptions", namespace = "stripe")]
struct Subscription {
    id: String,
    #[stripe(references = Customer)]
    customer: String,
    #[stripe(children)]
    items: Vec<Item>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "items", namespace = "stripe")]
struct Item {
    id: String,
    #[stripe(parent)]
    subscription: String,
}

/// The table of the customers, as each database has it without the attribute.
#[derive(StripeSync)]
#[stripe(object = "product", table = "stripe.customers")]
struct InSchema {
    id: String,
}

#[derive(StripeSync)]
#[stripe(object = "product", table = "stripe_customers")]
struct Prefixed {
    id: String,
}

const TABLES: [(&str, &str); 3] = [
    ("customers", "customer"),
    ("subscriptions", "subscription"),
    ("items", "subscription_item"),
];

fn models() -> Registry {
    Registry::new().model::<Customer>().model::<Subscription>()
}

struct World {
    kind: DatabaseKind,
    fake: FakeStripe,
    database: Database,
}

impl World {
    async fn start(kind: DatabaseKind) -> Self {
        let fake = FakeStripe::builder().seed(23).start().await.unwrap();
        fake.generate("customer", 12).unwrap();
        fake.generate("price", 3).unwrap();
        fake.generate("subscription", 5).unwrap();
        Self {
            kind,
            fake,
            database: Database::create(kind).await,
        }
    }

    async fn end(self) {
        self.database.remove().await;
    }

    fn is_postgres(&self) -> bool {
        self.kind == DatabaseKind::Postgres
    }

    /// The name of a table in a namespace.
    fn named(&self, namespace: &str, table: &str) -> String {
        let between = if self.is_postgres() { '.' } else { '_' };
        format!("{namespace}{between}{table}")
    }

    fn syncer(&self, registry: &Registry) -> Syncer {
        let builder = Syncer::builder(self.fake.stripe().unwrap(), self.database.store());
        builder.registry(registry).build()
    }

    async fn ids(&self, table: &str) -> BTreeSet<String> {
        let sql = AssertSqlSafe(format!(
            "SELECT id FROM {table} WHERE stripe_deleted_at IS NULL"
        ));
        let ids: Vec<String> = match &self.database.pool {
            Pool::Sqlite(pool) => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap(),
            Pool::Postgres(pool) => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap(),
            Pool::MySql(pool) => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap(),
        };
        ids.into_iter().collect()
    }

    /// The tables have what Stripe has.
    async fn check_rows(&self, table: impl Fn(&str) -> String) {
        for (name, object) in TABLES {
            let truth: BTreeSet<String> = self.fake.ids(object).into_iter().collect();
            assert!(!truth.is_empty(), "{object}");
            assert_eq!(self.ids(&table(name)).await, truth, "{name}");
        }
    }

    /// Makes the tables of a registry, fills and checks them, and looks for them under their names.
    async fn fill(&self, registry: &Registry, table: impl Fn(&str) -> String) -> Syncer {
        let syncer = self.syncer(registry);
        let names = |tables: Vec<TableName>| -> Vec<String> {
            tables.iter().map(ToString::to_string).collect()
        };
        let expected = TABLES.map(|(name, _)| table(name));
        assert_eq!(names(syncer.registry().tables()), expected);
        for (model, made) in syncer.ensure_models(registry).await {
            made.unwrap_or_else(|error| panic!("{}: {error}", model.name()));
        }
        // A registry that names no place means the syncer's.
        for (model, differences) in syncer.check_models(models()).await {
            assert_eq!(differences.unwrap(), [], "{}", model.name());
        }
        let options = SyncAllOptions::default();
        for (model, report) in syncer.sync_models(registry, options).await {
            let report = report.unwrap_or_else(|error| panic!("{}: {error}", model.name()));
            assert_eq!(report.failed, 0, "{report}");
            assert!(expected.contains(&report.table), "{report}");
        }
        self.check_rows(table).await;
        let mut status = Vec::new();
        for (_, of_model) in syncer.status(registry).await {
            status.push(of_model.unwrap().table);
        }
        assert_eq!(status, expected);
        let pending = syncer.pending_statements().await.unwrap();
        assert_eq!(pending.to_string(), "");
        syncer
    }
}

async fn without_a_registry(world: &World) {
    let syncer = Syncer::new(world.fake.stripe().unwrap(), world.database.store());
    let created = syncer.create_table::<Customer>();
    assert_eq!(created, create_table::<Customer>(world.kind));
    let schema = created[0] == "CREATE SCHEMA IF NOT EXISTS \"stripe\"";
    assert_eq!(schema, world.is_postgres(), "{created:?}");
    let missing = syncer.check_table::<Customer>().await.unwrap();
    assert_eq!(missing[0].fix(), created.join(";\n"));
    syncer.ensure_table::<Customer>().await.unwrap();
    syncer.ensure_table::<Subscription>().await.unwrap();
    // The schema is there now, which a role need not be allowed to create.
    syncer.ensure_table::<Customer>().await.unwrap();
    assert_eq!(syncer.check_table::<Item>().await.unwrap(), []);
    let indexes = syncer.missing_indexes::<Customer>().await.unwrap();
    assert_eq!(indexes, []);

    syncer.sync_all::<Subscription>().await.unwrap();
    let missing = syncer.missing_references::<Subscription>().await.unwrap();
    assert!(!missing[0].ids.is_empty(), "{missing:?}");
    let report = syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!(report.table, world.named("stripe", "customers"));
    let missing = syncer.missing_references::<Subscription>().await.unwrap();
    assert_eq!(missing, []);
    world.check_rows(|name| world.named("stripe", name)).await;
    let verified = syncer.verify::<Subscription>().await.unwrap();
    assert_eq!(verified.table, world.named("stripe", "subscriptions"));
    assert_eq!(
        verified.children[0].table,
        world.named("stripe", "items"),
        "{verified:?}"
    );
    for counts in [verified.counts, verified.children[0].counts] {
        assert!(counts.equal > 0 && counts.missing == 0, "{counts:?}");
    }
}

async fn where_a_registry_says(world: &World) {
    // One after the other in one database: each has its rows and its bookkeeping.
    let other = models().in_namespace("other");
    world
        .fill(&models(), |name| world.named("stripe", name))
        .await;
    world.fill(&other, |name| world.named("other", name)).await;
    // A prefix takes the place of a namespace, on each database.
    let prefixed = models().prefixed("x_");
    world.fill(&prefixed, |name| format!("x_{name}")).await;
    let syncer = world.syncer(&models());
    for elsewhere in [&other, &prefixed] {
        let results = syncer.check_models(elsewhere).await;
        let refused = |error: &SyncError| matches!(error, SyncError::WrongPlace { .. });
        for (model, result) in results {
            let error = result.unwrap_err();
            assert!(refused(&error), "{}: {error}", model.name());
        }
    }
    // The syncer's own registry, and the one that it was built with.
    let own = syncer.registry().clone();
    for registry in [own, models().in_namespace("stripe")] {
        for (model, differences) in syncer.check_models(registry).await {
            assert_eq!(differences.unwrap(), [], "{}", model.name());
        }
    }
}

async fn what_is_pending_creates_it(world: &World) {
    let syncer = world.syncer(&models());
    let pending = syncer.pending_statements().await.unwrap();
    let schemas = pending.statements.iter();
    let schemas = schemas.filter(|sql| sql.starts_with("CREATE SCHEMA"));
    assert_eq!(schemas.count(), usize::from(world.is_postgres()));
    for sql in pending.statements {
        let sql = AssertSqlSafe(sql);
        match &world.database.pool {
            Pool::Sqlite(pool) => sqlx::raw_sql(sql).execute(pool).await.map(drop),
            Pool::Postgres(pool) => sqlx::raw_sql(sql).execute(pool).await.map(drop),
            Pool::MySql(pool) => sqlx::raw_sql(sql).execute(pool).await.map(drop),
        }
        .unwrap();
    }
    let statements = models().create_tables(world.kind);
    let schemas = statements
        .iter()
        .filter(|sql| sql.starts_with("CREATE SCHEMA"));
    assert_eq!(schemas.count(), usize::from(world.is_postgres()));
    world
        .fill(&models(), |name| world.named("stripe", name))
        .await;
}

async fn an_event_finds_it(world: &World) {
    let syncer = world.syncer(&models());
    for (_, made) in syncer.ensure_models(models()).await {
        made.unwrap();
    }
    let live = Live::builder(syncer).models(models()).build().unwrap();
    for id in world.fake.ids("subscription") {
        let event = json!({
            "id": format!("evt_{id}"),
            "object": "event",
            "type": "customer.subscription.created",
            "created": world.fake.now(),
            "livemode": false,
            "data": {"object": {"id": id, "object": "subscription"}},
        });
        let answer = live.receive_trusted(event.to_string()).await;
        assert_eq!(answer.status(), 200, "{answer:?}");
    }
    live.drain().await.unwrap();
    for (name, object) in &TABLES[1..] {
        let truth: BTreeSet<String> = world.fake.ids(object).into_iter().collect();
        assert_eq!(world.ids(&world.named("stripe", name)).await, truth);
    }
}

async fn several_processes_create_it_at_once(world: &World) {
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..6 {
        let database = world.database.another().await;
        let stripe = world.fake.stripe().unwrap();
        tasks.spawn(async move {
            // Of their own, so that not the bookkeeping makes them wait for each other.
            let placement = stripe_sync::Placement::default().prefix(format!("sync_{number}_"));
            let builder = Syncer::builder(stripe, database.store());
            let syncer = builder.bookkeeping(placement).build();
            let made = match number % 2 {
                0 => syncer.ensure_table::<Customer>().await,
                _ => syncer.ensure_table::<Subscription>().await,
            };
            database.close().await;
            made
        });
    }
    for made in tasks.join_all().await {
        made.unwrap();
    }
    let syncer = world.syncer(&models());
    for (model, differences) in syncer.check_models(models()).await {
        assert_eq!(differences.unwrap(), [], "{}", model.name());
    }
}

async fn another_resource_is_not_in_it(world: &World) {
    let taken = match world.is_postgres() {
        true => Registry::new().model::<InSchema>(),
        false => Registry::new().model::<Prefixed>(),
    };
    let registry = taken.model::<Customer>();
    let results = world.syncer(&registry).check_models(&registry).await;
    for (model, result) in results {
        let error = result.unwrap_err();
        let expected = matches!(&error, SyncError::SharedTable { .. });
        assert!(expected, "{}: {error}", model.name());
    }
}

async fn a_name_that_would_be_cut_is_refused(world: &World) {
    let prefix = "a_prefix_that_is_much_longer_than_any_name_should_be_in_a_".to_owned();
    let registry = models().prefixed(&prefix);
    let syncer = world.syncer(&registry);
    let table = format!("{prefix}subscriptions");
    assert!(table.len() > 64 && format!("{prefix}items").len() <= 63);
    let made = syncer.ensure_models(&registry).await;
    if world.kind == DatabaseKind::Sqlite {
        assert!(made.iter().all(|(_, made)| made.is_ok()), "{made:?}");
        return;
    }
    let refused = made.iter().filter_map(|(model, made)| {
        let error = made.as_ref().err()?;
        let expected = matches!(error, SyncError::Store(StoreError::LongTableName { .. }));
        assert!(expected, "{error}");
        Some(model.name())
    });
    let refused: Vec<&str> = refused.collect();
    assert_eq!(refused, ["Customer", "Subscription"]);
    let statements = registry.create_tables(world.kind);
    assert!(
        statements[0].starts_with("-- table a_prefix"),
        "{statements:?}"
    );
}

on_each_database!(
    World, start, end:
    without_a_registry where_a_registry_says what_is_pending_creates_it an_event_finds_it
    several_processes_create_it_at_once another_resource_is_not_in_it
    a_name_that_would_be_cut_is_refused
);
