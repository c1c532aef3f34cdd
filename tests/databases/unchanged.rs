//! A second run without changes writes nothing, by the database's own counters.

use serde_json::Value;
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{DatabaseKind, Json, StripeSync, Syncer, reexport::sqlx};

use super::database::{Database, Pool};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    email: Option<String>,
    #[stripe(raw)]
    object: Json<Value>,
}

/// Rows inserted, updated and dead in the table, as PostgreSQL counts them.
async fn counters(pool: &sqlx::PgPool) -> (i64, i64, i64) {
    // Counters reach the view when a connection has been idle for a moment; this asks for it.
    sqlx::query("SELECT pg_stat_force_next_flush()")
        .execute(pool)
        .await
        .unwrap();
    sqlx::query_as(
        "SELECT n_tup_ins, n_tup_upd, n_dead_tup FROM pg_stat_user_tables WHERE relname = 'customers'",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_second_run_writes_no_row() {
    let fake = FakeStripe::builder().seed(1).start().await.unwrap();
    fake.generate("customer", 430).unwrap();
    let database = Database::create(DatabaseKind::Postgres).await;
    let Pool::Postgres(pool) = &database.pool else {
        panic!("expected PostgreSQL");
    };
    // One connection, so that its counters are flushed when it is asked to.
    let one = sqlx::postgres::PgPoolOptions::new()
        .max_connections(1)
        .connect_with((*pool.connect_options()).clone())
        .await
        .unwrap();
    let syncer = Syncer::new(fake.stripe().unwrap(), one.clone());
    syncer.ensure_table::<Customer>().await.unwrap();
    assert_eq!(syncer.sync_all::<Customer>().await.unwrap().inserted, 430);
    let before = counters(&one).await;
    assert_eq!(before, (430, 0, 0));

    let report = syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!((report.unchanged, report.written()), (430, 0));
    assert_eq!(counters(&one).await, before);
    one.close().await;
    database.remove().await;
}
