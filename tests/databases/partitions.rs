//! PostgreSQL's partitioned tables: the same rows, and the same counts of what was inserted and updated.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe, PgPool};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{
    Change, Context, DatabaseKind, DifferenceKind, Json, StripeSync, Syncer, create_table,
};

use super::database::{Database, Pool};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    email: Option<String>,
    #[stripe(raw)]
    object: Json<Value>,
}

/// The same table, with what a commit changed.
#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", after_commit = noted)]
struct Told {
    id: String,
    email: Option<String>,
    #[stripe(raw)]
    object: Json<Value>,
}

/// Changes by their names.
type Notes = Arc<Mutex<BTreeMap<&'static str, u64>>>;

async fn noted(change: Change<Told>, context: &Context) -> Result<(), std::convert::Infallible> {
    let name = match change {
        Change::Inserted { .. } => "inserted",
        Change::Updated { .. } => "updated",
        Change::Deleted { .. } => "deleted",
        _ => "other",
    };
    let notes = context.state::<Notes>().expect("the syncer has notes");
    *notes.lock().unwrap().entry(name).or_default() += 1;
    Ok(())
}

/// Makes the table of the migration, divided in three.
async fn make(pool: &PgPool, by: &str) {
    let [statement] = &create_table::<Customer>(DatabaseKind::Postgres)[..] else {
        panic!("expected one statement");
    };
    let mut all = format!("{statement} PARTITION BY {by};");
    for part in 0..3 {
        all += &format!(
            "CREATE TABLE customers_{part} PARTITION OF customers \
             FOR VALUES WITH (MODULUS 3, REMAINDER {part});"
        );
    }
    sqlx::raw_sql(AssertSqlSafe(all))
        .execute(pool)
        .await
        .unwrap();
}

async fn assert_truth(pool: &PgPool, fake: &FakeStripe) {
    let sql = "SELECT id, object::text FROM customers WHERE stripe_deleted_at IS NULL";
    let rows: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(pool).await.unwrap();
    let rows = rows
        .into_iter()
        .map(|(id, object)| (id, serde_json::from_str::<Value>(&object).unwrap()));
    let truth = fake
        .truth("customer")
        .into_iter()
        .map(|object| (object["id"].as_str().unwrap().to_owned(), object));
    assert_eq!(
        rows.collect::<BTreeMap<_, _>>(),
        truth.collect::<BTreeMap<_, _>>()
    );
}

#[tokio::test]
async fn a_partitioned_table_equals_stripe() {
    let fake = FakeStripe::builder().seed(21).start().await.unwrap();
    let database = Database::create(DatabaseKind::Postgres).await;
    let Pool::Postgres(pool) = &database.pool else {
        panic!("expected PostgreSQL");
    };
    make(pool, "HASH (id)").await;
    fake.generate("customer", 250).unwrap();
    let syncer = Syncer::new(fake.stripe().unwrap(), pool);
    assert_eq!(syncer.check_table::<Customer>().await.unwrap(), []);
    let report = syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (250, 0), "{report}");
    assert_truth(pool, &fake).await;

    // Some are there and some are not, so that a page has both.
    let ids = fake.ids("customer");
    for id in &ids[..30] {
        fake.update(id, json!({"email": "new@example.com"}))
            .unwrap();
    }
    for id in &ids[30..40] {
        fake.delete(id).unwrap();
    }
    fake.generate("customer", 20).unwrap();
    let report = syncer.sync_all::<Customer>().await.unwrap();
    let counts = (
        report.inserted,
        report.updated,
        report.deleted,
        report.failed,
    );
    assert_eq!(counts, (20, 30, 10, 0), "{report}");
    assert_truth(pool, &fake).await;
    let report = syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!(report.written(), 0, "{report}");

    fake.update(&ids[0], json!({"email": "single@example.com"}))
        .unwrap();
    let report = syncer.sync_by_ids::<Customer>([&ids[0]]).await.unwrap();
    assert_eq!((report.report.updated, report.report.failed), (1, 0));
    assert_truth(pool, &fake).await;
    database.remove().await;
}

#[tokio::test]
async fn changes_of_a_partitioned_table_are_delivered_once() {
    let fake = FakeStripe::builder().seed(22).start().await.unwrap();
    let database = Database::create(DatabaseKind::Postgres).await;
    let Pool::Postgres(pool) = &database.pool else {
        panic!("expected PostgreSQL");
    };
    make(pool, "HASH (id)").await;
    fake.generate("customer", 120).unwrap();
    let notes = Notes::default();
    let syncer = || {
        let notes = Arc::clone(&notes);
        Syncer::builder(fake.stripe().unwrap(), pool)
            .state(notes)
            .build()
    };
    // Two that write the same rows: each row is inserted by one of them.
    let (first, second) = (syncer(), syncer());
    let ids = fake.ids("customer");
    let (all, single) = tokio::join!(
        first.sync_all::<Told>(),
        second.sync_by_ids::<Told>(ids.iter().rev().take(60))
    );
    all.unwrap();
    single.unwrap();
    assert_eq!(notes.lock().unwrap().get("inserted"), Some(&120));
    for id in &ids[..15] {
        fake.update(id, json!({"email": "told@example.com"}))
            .unwrap();
    }
    first.sync_all::<Told>().await.unwrap();
    let notes = notes.lock().unwrap().clone();
    assert_eq!(notes, BTreeMap::from([("inserted", 120), ("updated", 15)]));
    assert_truth(pool, &fake).await;
    database.remove().await;
}

#[tokio::test]
async fn a_table_whose_key_must_hold_more_than_the_id_is_refused() {
    let fake = FakeStripe::builder().seed(23).start().await.unwrap();
    let database = Database::create(DatabaseKind::Postgres).await;
    let Pool::Postgres(pool) = &database.pool else {
        panic!("expected PostgreSQL");
    };
    let all = "CREATE TABLE customers (id text NOT NULL, email text, object jsonb NOT NULL, \
               stripe_hash bigint NOT NULL, stripe_observed_at bigint NOT NULL, stripe_deleted_at timestamptz, \
               day date NOT NULL DEFAULT CURRENT_DATE, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)";
    sqlx::raw_sql(all).execute(pool).await.unwrap();
    let syncer = Syncer::new(fake.stripe().unwrap(), pool);
    let found = syncer.check_table::<Customer>().await.unwrap();
    let kinds = found.iter().map(|difference| difference.kind());
    assert!(
        kinds.clone().any(|kind| kind == DifferenceKind::MissingKey),
        "{found:?}"
    );
    let error = syncer.sync_all::<Customer>().await.unwrap_err();
    assert!(error.to_string().contains("customers"), "{error}");
    database.remove().await;
}
