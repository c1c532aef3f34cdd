//! One struct in two places of one database: each has its rows, its bookkeeping and its own syncer.

use std::collections::BTreeSet;

use stripe_sync::reexport::sqlx::{self, AssertSqlSafe};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{
    DatabaseKind, Placement, Registry, StoreError, StripeSync, SyncAllOptions, SyncError, Syncer,
    TableName,
};

use super::database::{Database, Pool};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    email: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "coupon", table = "coupons", on_delete = hard)]
struct Coupon {
    id: String,
    name: Option<String>,
}

fn models() -> Registry {
    Registry::new().model::<Customer>().model::<Coupon>()
}

async fn ids(database: &Database, table: &str) -> BTreeSet<String> {
    let sql = AssertSqlSafe(format!(
        "SELECT id FROM {table} WHERE stripe_deleted_at IS NULL"
    ));
    let ids: Vec<String> = match &database.pool {
        Pool::Sqlite(pool) => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap(),
        Pool::Postgres(pool) => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap(),
        Pool::MySql(pool) => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap(),
    };
    ids.into_iter().collect()
}

/// Two accounts side by side: what one is told, the other is not.
async fn side_by_side(database: &Database, places: [(Registry, Placement, &str); 2]) {
    let mut all = Vec::new();
    for (number, (registry, placement, table)) in (1..).zip(places) {
        let account = format!("acct_{number}");
        let fake = FakeStripe::builder().seed(number).account(account);
        let fake = fake.start().await.unwrap();
        fake.generate("customer", 120).unwrap();
        fake.generate("coupon", 7).unwrap();
        let syncer = Syncer::builder(fake.stripe().unwrap(), database.store())
            .registry(&registry)
            .bookkeeping(placement)
            .account(format!("acct_{number}"), false)
            .build();
        for (model, made) in syncer.ensure_models(&registry).await {
            made.unwrap_or_else(|error| panic!("{}: {error}", model.name()));
        }
        for (model, differences) in syncer.check_models(models()).await {
            assert_eq!(differences.unwrap(), [], "{}", model.name());
        }
        all.push((fake, syncer, registry, table));
    }
    for round in 0..2 {
        for (fake, syncer, registry, table) in &all {
            for (model, report) in syncer
                .sync_models(registry, SyncAllOptions::default())
                .await
            {
                let report = report.unwrap_or_else(|error| panic!("{}: {error}", model.name()));
                assert_eq!(report.failed, 0, "{report}");
            }
            let truth = fake.ids("customer").into_iter().collect();
            assert_eq!(ids(database, table).await, truth, "{table}, round {round}");
            fake.delete(&fake.ids("customer")[round]).unwrap();
            fake.create("coupon", serde_json::json!({"name": "new"}))
                .unwrap();
        }
    }
}

fn prefixed(prefix: &str) -> (Registry, Placement) {
    let placement = Placement::default().prefix(format!("{prefix}sync_"));
    (models().prefixed(prefix), placement)
}

async fn two_prefixes(kind: DatabaseKind) {
    let database = Database::create(kind).await;
    let (here, there) = (prefixed("here_"), prefixed("there_"));
    let places = [
        (here.0, here.1, "here_customers"),
        (there.0, there.1, "there_customers"),
    ];
    side_by_side(&database, places).await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_prefixes_on_sqlite() {
    two_prefixes(DatabaseKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_prefixes_on_postgres() {
    two_prefixes(DatabaseKind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_prefixes_on_mysql() {
    two_prefixes(DatabaseKind::MySql).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_schemas_on_postgres() {
    let database = Database::create(DatabaseKind::Postgres).await;
    let Pool::Postgres(pool) = &database.pool else {
        panic!("expected PostgreSQL");
    };
    // The bookkeeping makes its schema, which is that of the tables.
    let of = |schema: &str| {
        let placement = Placement::default().schema(schema).prefix("sync_");
        (models().in_schema(schema), placement)
    };
    for schema in ["stripe", "Other Stripe"] {
        let create = AssertSqlSafe(format!("CREATE SCHEMA \"{schema}\""));
        sqlx::raw_sql(create).execute(pool).await.unwrap();
    }
    let (here, there) = (of("stripe"), of("Other Stripe"));
    let places = [
        (here.0, here.1, "stripe.customers"),
        (there.0, there.1, "\"Other Stripe\".customers"),
    ];
    side_by_side(&database, places).await;
    database.remove().await;
}

#[tokio::test]
async fn a_registry_with_another_place_is_refused_before_anything_is_written() {
    let fake = FakeStripe::builder().seed(1).start().await.unwrap();
    let database = Database::create(DatabaseKind::Sqlite).await;
    let syncer = Syncer::new(fake.stripe().unwrap(), database.store());
    let elsewhere = Registry::new().model_at::<Customer>(TableName::new("people"));
    let results = syncer
        .sync_models(&elsewhere, SyncAllOptions::default())
        .await;
    let [(_, Err(error))] = results.as_slice() else {
        panic!("expected one error");
    };
    assert!(matches!(error, SyncError::WrongPlace { .. }), "{error:?}");
    let said = error.to_string();
    assert!(
        said.contains("people") && said.contains("customers"),
        "{said}"
    );
    database.remove().await;
}

#[tokio::test]
async fn a_placement_that_a_database_would_cut_is_refused() {
    let fake = FakeStripe::builder().seed(1).start().await.unwrap();
    let database = Database::create(DatabaseKind::Sqlite).await;
    let syncer = Syncer::builder(fake.stripe().unwrap(), database.store())
        .bookkeeping(Placement::default().prefix("a".repeat(60)))
        .build();
    let error = syncer.ensure_table::<Customer>().await.unwrap_err();
    let expected = matches!(&error, SyncError::Store(StoreError::Placement(_)));
    assert!(expected, "{error:?}");
    database.remove().await;
}
