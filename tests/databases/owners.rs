//! A table belongs to one resource, and to one account and mode: nobody else's run changes it.

use serde_json::{Value, json};
use stripe_sync::live::LiveError;
use stripe_sync::reexport::sqlx::SqlitePool;
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{
    DatabaseKind, Json, Registry, Report, StoreError, Stripe, StripeObject, StripeSync,
    SyncAllOptions, SyncError, Syncer, TableName,
};

use super::database::Database;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "cp")]
struct Customer {
    id: String,
    created: i64,
    #[stripe(raw)]
    object: Json<Value>,
}

/// A copy of the struct, with the table's name left as it was.
#[derive(StripeSync)]
#[stripe(object = "product", table = "cp")]
struct Product {
    id: String,
    created: i64,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "customer", table = "cp", on_delete = hard)]
struct HardCustomer {
    id: String,
    created: i64,
    #[stripe(raw)]
    object: Json<Value>,
}

#[derive(StripeSync)]
#[stripe(object = "product", table = "cp", on_delete = hard)]
struct HardProduct {
    id: String,
    created: i64,
    #[stripe(raw)]
    object: Json<Value>,
}

on_each_database! {
    Database, create, remove:
    a_second_resource_is_refused_by_every_call
    a_second_resource_is_refused_where_deletions_are_hard
    a_table_without_rows_takes_another_resource
    a_run_that_stripe_refused_binds_nothing
    a_table_without_rows_takes_another_account
    two_accounts_at_once_have_one_winner
}

async fn start() -> FakeStripe {
    let fake = FakeStripe::builder().seed(71).start().await.unwrap();
    fake.generate("customer", 6).unwrap();
    fake.generate("product", 4).unwrap();
    fake
}

fn syncer(fake: &FakeStripe, database: &Database) -> Syncer {
    Syncer::new(fake.stripe().unwrap(), database.store())
}

fn stripe(fake: &FakeStripe, key: &str) -> Stripe {
    let stripe = Stripe::builder(key.to_owned()).base_url(fake.base_url());
    stripe.max_retries(0).build().unwrap()
}

/// What a call on a table of another resource says: which, and what to do.
fn assert_other_resource<T: std::fmt::Debug>(result: Result<T, SyncError>) {
    let error = result.unwrap_err();
    let is = matches!(&error, SyncError::Store(StoreError::WrongResource { .. }));
    assert!(is, "{error:?}");
    let text = error.to_string();
    for part in [
        "cp",
        "`customer`",
        "`product`",
        "a table of its own",
        "delete",
    ] {
        assert!(text.contains(part), "expected {part} in {text}");
    }
}

async fn refused<Here: StripeSync, There: StripeSync>(database: &Database) {
    let fake = start().await;
    let here = syncer(&fake, database);
    here.ensure_table::<Here>().await.unwrap();
    assert_eq!(here.sync_all::<Here>().await.unwrap().inserted, 6);
    let before = database.rows("cp").await;
    let id = fake.ids("product").remove(0);
    // In the process that wrote the table, and in another one.
    for there in [here.clone(), syncer(&fake, database)] {
        fake.reset_requests();
        assert_other_resource(there.ensure_table::<There>().await);
        assert_other_resource(there.check_table::<There>().await);
        assert_other_resource(there.sync_all::<There>().await);
        assert_other_resource(there.sync_by_ids::<There>([id.as_str()]).await);
        let object = StripeObject::from_json(fake.get(&id).unwrap().to_string()).unwrap();
        let object = object.read_since(there.start_read().await.unwrap());
        assert_other_resource(there.sync::<There>(object).await);
        let models = Registry::new().model::<There>();
        for (_, result) in there.sync_models(&models, SyncAllOptions::default()).await {
            assert_other_resource(result);
        }
        for (_, result) in there.ensure_models(&models).await {
            assert_other_resource(result);
        }
        let asked = fake.request_counts();
        assert!(
            !asked.keys().any(|path| path.contains("product")),
            "{asked:?}"
        );
    }
    assert_eq!(database.rows("cp").await, before);
    assert_eq!(here.sync_all::<Here>().await.unwrap().unchanged, 6);
}

async fn a_second_resource_is_refused_by_every_call(database: &Database) {
    refused::<Customer, Product>(database).await;
}

async fn a_second_resource_is_refused_where_deletions_are_hard(database: &Database) {
    refused::<HardCustomer, HardProduct>(database).await;
}

async fn a_table_without_rows_takes_another_resource(database: &Database) {
    let fake = start().await;
    let syncer = syncer(&fake, database);
    syncer.ensure_table::<Customer>().await.unwrap();
    syncer.sync_all::<Customer>().await.unwrap();
    // Rows that are marked as deleted are rows.
    database
        .run("UPDATE cp SET stripe_deleted_at = '2026-01-01 00:00:00'")
        .await;
    assert_other_resource(syncer.sync_all::<Product>().await);
    database.run("DELETE FROM cp").await;
    syncer.ensure_table::<Product>().await.unwrap();
    assert_eq!(syncer.sync_all::<Product>().await.unwrap().inserted, 4);
    let error = syncer.sync_all::<Customer>().await.unwrap_err();
    let is = matches!(&error, SyncError::Store(StoreError::WrongResource { .. }));
    assert!(is, "{error:?}");
    assert_eq!(database.rows("cp").await.len(), 4);
    // Of a table that is gone nothing is left to protect.
    database.run("DROP TABLE cp").await;
    syncer.ensure_table::<Customer>().await.unwrap();
    assert_eq!(syncer.sync_all::<Customer>().await.unwrap().inserted, 6);
}

async fn a_run_that_stripe_refused_binds_nothing(database: &Database) {
    let fake = start().await;
    let right = syncer(&fake, database);
    right.ensure_table::<Customer>().await.unwrap();
    let mistyped = fake.stripe().unwrap().for_account("acct_mistyped");
    let mistyped = Syncer::new(mistyped, database.store());
    let refused = |error: SyncError| {
        let is = matches!(error.root(), SyncError::Stripe(error) if error.is_permission());
        assert!(is, "{error:?}");
    };
    refused(mistyped.sync_all::<Customer>().await.unwrap_err());
    refused(
        mistyped
            .sync_by_ids::<Customer>(["cus_1"])
            .await
            .unwrap_err(),
    );
    assert_eq!(bound(database).await, 0);
    assert_eq!(right.sync_all::<Customer>().await.unwrap().inserted, 6);

    // Nor does it where rows are there, and nothing says whose.
    database.lose_bookkeeping().await;
    let mistyped = fake.stripe().unwrap().for_account("acct_mistyped");
    let mistyped = Syncer::new(mistyped, database.store());
    refused(mistyped.sync_all::<Customer>().await.unwrap_err());
    assert_eq!(bound(database).await, 0);
    let report = syncer(&fake, database)
        .sync_all::<Customer>()
        .await
        .unwrap();
    assert_eq!((report.unchanged, report.deleted), (6, 0), "{report}");
    assert_eq!(bound(database).await, 1);
}

async fn bound(database: &Database) -> i64 {
    let bound = "SELECT COUNT(*) FROM stripe_sync_tables WHERE bound";
    database.number(bound).await
}

async fn a_table_without_rows_takes_another_account(database: &Database) {
    let fake = start().await;
    let other = fake.add_account("acct_other", fake.mode());
    let empty = Syncer::new(stripe(&fake, &other), database.store());
    empty.ensure_table::<Customer>().await.unwrap();
    // It has no customers, and binds a table that stays empty.
    assert_eq!(empty.sync_all::<Customer>().await.unwrap().seen, 0);
    assert_eq!(bound(database).await, 1);
    let right = syncer(&fake, database);
    assert_eq!(right.sync_all::<Customer>().await.unwrap().inserted, 6);
    assert_eq!(bound(database).await, 1);

    let theirs = fake.account("acct_other", fake.mode()).unwrap();
    theirs.generate("customer", 3).unwrap();
    for other in [empty, Syncer::new(stripe(&fake, &other), database.store())] {
        let error = other.sync_all::<Customer>().await.unwrap_err();
        let is = matches!(&error, SyncError::Store(StoreError::WrongAccount { .. }));
        assert!(is, "{error:?}");
        let text = error.to_string();
        for part in [fake.id(), "acct_other", "delete its rows"] {
            assert!(text.contains(part), "expected {part} in {text}");
        }
    }
    assert_eq!(right.sync_all::<Customer>().await.unwrap().unchanged, 6);
}

/// Both find the table empty; one binds it, the other writes nothing.
async fn two_accounts_at_once_have_one_winner(database: &Database) {
    let fake = start().await;
    let other = fake.add_account("acct_other", fake.mode());
    let theirs = fake.account("acct_other", fake.mode()).unwrap();
    theirs.generate("customer", 6).unwrap();
    let ours = syncer(&fake, database);
    ours.ensure_table::<Customer>().await.unwrap();
    for round in 0..8 {
        database.run("DELETE FROM cp").await;
        let syncers = [
            syncer(&fake, database),
            Syncer::new(stripe(&fake, &other), database.store()),
        ];
        let [one, two] =
            syncers.map(|syncer| tokio::spawn(async move { syncer.sync_all::<Customer>().await }));
        let results: [Result<Report, SyncError>; 2] = [one.await.unwrap(), two.await.unwrap()];
        let rows = database.rows("cp").await;
        let winner = results.iter().position(Result::is_ok);
        let expected = match winner.expect("one of them wins") {
            0 => fake.ids("customer"),
            _ => theirs.ids("customer"),
        };
        let mut expected = expected;
        expected.sort();
        assert_eq!(
            rows.into_keys().collect::<Vec<_>>(),
            expected,
            "round {round}"
        );
        assert_eq!(bound(database).await, 1, "round {round}");
        let refused = results.iter().filter_map(|result| result.as_ref().err());
        for error in refused {
            let is = matches!(
                error.root(),
                SyncError::Store(StoreError::WrongAccount { .. })
            );
            assert!(is, "round {round}: {error:?}");
        }
    }
}

/// Two structs in one table are seen without a database.
#[tokio::test]
async fn models_of_two_resources_in_one_table_are_refused_at_once() {
    let pool = SqlitePool::connect_lazy("sqlite:/nowhere/at/all.db").unwrap();
    let stripe = || Stripe::new("sk_test_1234").unwrap();
    let both = Registry::new().model::<Customer>().model::<Product>();
    let shared = |error: SyncError| {
        assert!(matches!(error, SyncError::SharedTable { .. }), "{error:?}");
        let text = error.to_string();
        for part in ["`Customer`", "`Product`", "table cp", "a table of its own"] {
            assert!(text.contains(part), "expected {part} in {text}");
        }
    };
    let syncer = Syncer::new(stripe(), pool.clone());
    for (_, result) in syncer.sync_models(&both, SyncAllOptions::default()).await {
        shared(result.unwrap_err());
    }
    for (_, result) in syncer.ensure_models(&both).await {
        shared(result.unwrap_err());
    }
    for (_, result) in syncer.check_models(&both).await {
        shared(result.unwrap_err());
    }
    for (_, result) in syncer.plan_models(&both).await {
        shared(result.unwrap_err());
    }
    let live = stripe_sync::live::Live::builder(syncer).models(&both);
    let LiveError::Models(error) = live.build().unwrap_err() else {
        panic!("expected the models to be refused");
    };
    shared(*error);

    // Placed there by the registry, and in a call about one of them.
    let placed = Registry::new()
        .model::<Customer>()
        .model_at::<Plan>(TableName::new("CP"));
    let syncer = Syncer::builder(stripe(), pool.clone())
        .account("acct_1", false)
        .registry(&placed)
        .build();
    let error = syncer.ensure_table::<Plan>().await.unwrap_err();
    assert!(matches!(error, SyncError::SharedTable { .. }), "{error:?}");

    // Two structs of one resource are two views of the same rows.
    let views = Registry::new().model::<Customer>().model::<HardCustomer>();
    let syncer = Syncer::builder(stripe(), pool).registry(&views).build();
    assert!(
        stripe_sync::live::Live::builder(syncer)
            .models(&views)
            .build()
            .is_ok()
    );
}

#[derive(StripeSync)]
#[stripe(object = "plan", table = "plans")]
struct Plan {
    id: String,
}

/// What the fake does not need and the test of hidden columns does not either: a row of another mode is refused by name.
#[tokio::test]
async fn an_object_of_the_other_mode_is_not_written() {
    let fake = start().await;
    let database = Database::create(DatabaseKind::Sqlite).await;
    let syncer = syncer(&fake, &database);
    syncer.ensure_table::<Customer>().await.unwrap();
    syncer.sync_all::<Customer>().await.unwrap();
    let gone = fake.ids("customer").remove(0);
    fake.create("customer", json!({"id": "cus_live", "livemode": true}))
        .unwrap();
    fake.delete(&gone).unwrap();
    fake.advance(std::time::Duration::from_secs(40 * 86_400));
    let report = syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!((report.failed, report.written(), report.deleted), (1, 0, 0));
    let text = report.to_string();
    assert!(
        text.contains("cus_live") && text.contains("live mode"),
        "{text}"
    );
    let ids = syncer.sync_by_ids::<Customer>(["cus_live"]).await.unwrap();
    let outcome = format!("{:?}", ids.outcome("cus_live"));
    assert!(
        outcome.contains("Failed") && outcome.contains("live mode"),
        "{outcome}"
    );
    assert!(!database.rows("cp").await.contains_key("cus_live"));
    database.remove().await;
}
