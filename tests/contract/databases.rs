//! A model of one database, while the features of all three are on.

use crate::private::SyncHook;
use rust_decimal::Decimal;
use stripe_sync::hooks::TypedSyncContext;
use stripe_sync::live::{Live, LiveError};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{
    DatabaseKind, HookError, Outcome, Registry, StoreError, StripeObject, StripeSync, SyncError,
    Syncer, create_table, reexport::sqlx,
};

#[derive(StripeSync)]
#[stripe(object = "price", table = "prices", database = postgres, sync = sync)]
struct Price {
    id: String,
    #[stripe(sql_type = "numeric(30, 12)")]
    unit_amount_decimal: Option<Decimal>,
}

async fn sync(
    _: &StripeObject,
    cx: &mut TypedSyncContext<'_, sqlx::Postgres>,
) -> Result<Outcome, HookError> {
    cx.sync_default().await
}

#[derive(StripeSync)]
#[stripe(object = "price", table = "prices")]
struct Everywhere {
    id: String,
}

#[test]
fn only_its_statements_are_written() {
    let sql = &Price::MODEL.parts.sql;
    assert!(sql.postgres.is_some() && sql.sqlite.is_none() && sql.mysql.is_none());
    assert!(matches!(
        Price::MODEL.parts.sync,
        Some(SyncHook::Postgres(_))
    ));
    let sql = &Everywhere::MODEL.parts.sql;
    assert!(sql.postgres.is_some() && sql.sqlite.is_some() && sql.mysql.is_some());
}

/// Every call that takes a model and a database, on another database than the model's.
#[tokio::test]
async fn every_call_on_another_database_is_refused() {
    let fake = FakeStripe::builder().start().await.unwrap();
    let pool = sqlx::SqlitePool::connect("sqlite::memory:").await.unwrap();
    let models = || Registry::new().model::<Price>();
    let syncer = Syncer::builder(fake.stripe().unwrap(), &pool)
        .registry(models())
        .build();
    let object = || {
        let json = r#"{"id":"price_1","object":"price"}"#.to_owned();
        StripeObject::from_json(json).unwrap()
    };
    let token = syncer.start_read().await.unwrap();
    let refused = |call: &str, error: SyncError| match error.root() {
        SyncError::Store(StoreError::NotDerived { model: "Price", .. }) => {}
        other => panic!("{call}: {other}"),
    };
    macro_rules! each {
        ($($call:ident($($argument:expr),*))*) => {$(
            refused(stringify!($call), syncer.$call::<Price>($($argument),*).await.unwrap_err());
        )*};
    }
    each! {
        ensure_table() check_table() sync_all() plan() backfill_status() failed_rows() failed_rows_page(None, 1)
        sync_by_ids(["price_1"]) sync(object()) sync(object().read_since(token))
    }
    macro_rules! each_of_many {
        ($($call:ident($($argument:expr),*))*) => {$(
            for (_, result) in syncer.$call(models() $(, $argument)*).await {
                refused(stringify!($call), result.map(drop).unwrap_err());
            }
        )*};
    }
    each_of_many! { ensure_models() check_models() plan_models() status() sync_models(Default::default()) }
    let pending = syncer.pending_statements().await.unwrap();
    let [(_, reason)] = &pending.refused[..] else {
        panic!("{pending:?}");
    };
    assert!(reason.starts_with("`Price` was derived without statements for SQLite"));
    assert!(!pending.statements.iter().any(|sql| sql.contains("prices")));
    let live = Live::builder(syncer.clone()).model::<Price>().build();
    let LiveError::Models(error) = live.unwrap_err() else {
        panic!("expected the model to be refused");
    };
    refused("build", *error);
    for statements in [
        create_table::<Price>(DatabaseKind::Sqlite),
        syncer.create_table::<Price>(),
        models().create_tables(DatabaseKind::Sqlite),
    ] {
        assert_eq!(statements, [format!("-- {reason}")]);
    }
    let table = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'prices'";
    let made: i64 = sqlx::query_scalar(table).fetch_one(&pool).await.unwrap();
    assert_eq!(made, 0);
    assert!(create_table::<Price>(DatabaseKind::Postgres)[0].starts_with("CREATE TABLE"));
}
