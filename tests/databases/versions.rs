//! Bookkeeping tables of a newer program are refused, in plain words and before anything is written.

use stripe_sync::reexport::sqlx;
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{DatabaseKind, StoreError, StripeSync, SyncError, Syncer};

use super::database::{Database, Pool};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    email: Option<String>,
}

async fn a_newer_version_is_refused(kind: DatabaseKind) {
    let fake = FakeStripe::builder().seed(1).start().await.unwrap();
    fake.generate("customer", 3).unwrap();
    let database = Database::create(kind).await;
    let syncer = || Syncer::new(fake.stripe().unwrap(), database.store());
    syncer().ensure_table::<Customer>().await.unwrap();
    let newer = "UPDATE stripe_sync_version SET version = 1000";
    match &database.pool {
        Pool::Sqlite(pool) => sqlx::raw_sql(newer).execute(pool).await.map(drop),
        Pool::Postgres(pool) => sqlx::raw_sql(newer).execute(pool).await.map(drop),
        Pool::MySql(pool) => sqlx::raw_sql(newer).execute(pool).await.map(drop),
    }
    .unwrap();
    fake.reset_requests();
    let error = syncer().sync_all::<Customer>().await.unwrap_err();
    let expected = matches!(&error, SyncError::Store(StoreError::Tables(_)));
    assert!(expected, "{error:?}");
    let said = error.to_string();
    assert!(
        said.contains("version 1000") && said.contains("newer version"),
        "{said}"
    );
    let lists = fake.requests();
    let lists = lists
        .iter()
        .filter(|request| request.path == "/v1/customers");
    assert_eq!(lists.count(), 0, "a list was read all the same");
    database.remove().await;
}

#[tokio::test]
async fn a_newer_version_is_refused_on_sqlite() {
    a_newer_version_is_refused(DatabaseKind::Sqlite).await;
}

#[tokio::test]
async fn a_newer_version_is_refused_on_postgres() {
    a_newer_version_is_refused(DatabaseKind::Postgres).await;
}

#[tokio::test]
async fn a_newer_version_is_refused_on_mysql() {
    a_newer_version_is_refused(DatabaseKind::MySql).await;
}
