//! Connections that break while a run writes: the page is done again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fastrand::Rng;
use serde_json::json;
use stripe_sync::reexport::sqlx::mysql::MySqlPool;
use stripe_sync::reexport::sqlx::postgres::PgPool;
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _, Faults, Phase};
use stripe_sync::{DatabaseKind, IntoStore as _, Store, StripeSync, Syncer};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use super::database::{Database, Pool};
use super::proxy::Proxy;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    email: Option<String>,
}

const OBJECTS: usize = 3_000;
/// Pages between one blow and the next.
const PAGES: usize = 4;
/// The list has thirty pages: all of them fall.
const BLOWS_OF_A_RUN: usize = 5;

/// Ends every connection to the database but the one that asks.
async fn end_all_connections(striker: &Pool) {
    match striker {
        Pool::Postgres(pool) => {
            let end = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
                       WHERE datname = current_database() AND pid <> pg_backend_pid()";
            sqlx::query(end).execute(pool).await.unwrap();
        }
        Pool::MySql(pool) => {
            let others = "SELECT CAST(ID AS SIGNED) FROM information_schema.PROCESSLIST \
                          WHERE DB = DATABASE() AND ID <> CONNECTION_ID()";
            let others: Vec<i64> = sqlx::query_scalar(others).fetch_all(pool).await.unwrap();
            for other in others {
                // It may have ended by itself.
                let kill = AssertSqlSafe(format!("KILL {other}"));
                drop(sqlx::raw_sql(kill).execute(pool).await);
            }
        }
        Pool::Sqlite(_) => unreachable!("SQLite has no connections that others end"),
    }
}

async fn a_run_outlives_its_connections(kind: DatabaseKind) {
    let fake = FakeStripe::builder().seed(5).start().await.unwrap();
    fake.generate("customer", OBJECTS).unwrap();
    fake.faults(Faults::new(5).latency(Duration::ZERO..Duration::from_millis(5)));
    let database = Database::create(kind).await;
    let syncer = Syncer::new(fake.stripe().unwrap(), database.store());
    syncer.ensure_table::<Customer>().await.unwrap();

    // A pool of its own, so that the blows do not wait for the run's connections.
    let striker = database.another().await;
    let pages = Arc::new(AtomicUsize::new(0));
    let (counter, pool, runtime) = (Arc::clone(&pages), striker.pool.clone(), Handle::current());
    // The page is answered after the blow: however fast the run reads, none is left out.
    fake.on_request(Phase::Before, move |request| {
        if request.path() != "/v1/customers" {
            return;
        }
        let page = counter.fetch_add(1, Ordering::SeqCst) + 1;
        if page.is_multiple_of(PAGES) && page / PAGES <= BLOWS_OF_A_RUN {
            block_in_place(|| runtime.block_on(end_all_connections(&pool)));
        }
    });
    let report = syncer.sync_all::<Customer>().await.unwrap();
    fake.clear_request_hooks();
    assert!(pages.load(Ordering::SeqCst) >= BLOWS_OF_A_RUN * PAGES);
    assert_eq!(report.failed, 0, "{report}");
    let Ok(report) = syncer.sync_all::<Customer>().await else {
        panic!("the next run failed");
    };
    assert_eq!(report.unchanged, OBJECTS as u64, "{report}");
    striker.close().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_outlives_its_connections_to_postgres() {
    a_run_outlives_its_connections(DatabaseKind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_outlives_its_connections_to_mysql() {
    a_run_outlives_its_connections(DatabaseKind::MySql).await;
}

/// Blows of one history.
const BLOWS: u64 = 12;
/// Answers of the server between two blows: a piece of work needs about twenty, and up to five are under way.
const ANSWERS: std::ops::Range<i64> = 100..200;

/// The database behind a proxy.
async fn behind_proxy(database: &Database) -> (Proxy, Store) {
    match &database.pool {
        Pool::Postgres(pool) => {
            let options = (*pool.connect_options()).clone();
            let proxy = Proxy::start(options.get_port()).await;
            let options = options.host("127.0.0.1").port(proxy.port());
            let pool = PgPool::connect_with(options).await.unwrap();
            (proxy, pool.into_store())
        }
        Pool::MySql(pool) => {
            let options = (*pool.connect_options()).clone();
            let proxy = Proxy::start(options.get_port()).await;
            let options = options.host("127.0.0.1").port(proxy.port());
            let pool = MySqlPool::connect_with(options).await.unwrap();
            (proxy, pool.into_store())
        }
        Pool::Sqlite(_) => unreachable!("SQLite has no line that could be cut"),
    }
}

/// Some objects change and one goes.
fn change(fake: &FakeStripe, rng: &mut Rng) {
    let ids = fake.ids("customer");
    for _ in 0..40 {
        let email = format!("{}@example.com", rng.u32(..));
        let id = rng.choice(&ids).unwrap();
        fake.update(id, json!({"email": email})).unwrap();
    }
    fake.delete(&ids[0]).unwrap();
}

/// Connections are cut behind an answer that nobody gets, which now and then is that of a COMMIT: done twice is as done
/// once. Each history has a seed, which a failure prints.
async fn answers_that_are_lost_lose_nothing(kind: DatabaseKind) {
    for seed in 0..2 {
        println!("{kind:?}: seed {seed}");
        let mut rng = Rng::with_seed(seed);
        let fake = FakeStripe::builder().seed(seed).start().await.unwrap();
        fake.generate("customer", OBJECTS / 3).unwrap();
        let database = Database::create(kind).await;
        let (proxy, store) = behind_proxy(&database).await;
        let syncer = Syncer::new(fake.stripe().unwrap(), store);
        syncer.ensure_table::<Customer>().await.unwrap();
        let striker = {
            let (proxy, mut rng) = (proxy.clone(), rng.fork());
            tokio::spawn(async move {
                for blow in 1..=BLOWS {
                    proxy.cut_after(rng.i64(ANSWERS));
                    proxy.struck(blow).await;
                }
            })
        };
        while proxy.strikes() < BLOWS {
            let report = syncer.sync_all::<Customer>().await.unwrap();
            assert_eq!(report.failed, 0, "{report}");
            change(&fake, &mut rng);
        }
        striker.await.unwrap();
        syncer.sync_all::<Customer>().await.unwrap();
        let report = syncer.sync_all::<Customer>().await.unwrap();
        let left = fake.ids("customer").len() as u64;
        assert_eq!((report.unchanged, report.written()), (left, 0), "{report}");
        assert_eq!(rows(&database).await, truth(&fake));
        database.remove().await;
    }
}

fn truth(fake: &FakeStripe) -> BTreeMap<String, Option<String>> {
    let objects = fake.truth("customer").into_iter();
    let row = |object: serde_json::Value| {
        let id = object["id"].as_str().unwrap().to_owned();
        (id, object["email"].as_str().map(str::to_owned))
    };
    objects.map(row).collect()
}

/// The rows that are not marked.
async fn rows(database: &Database) -> BTreeMap<String, Option<String>> {
    let select = "SELECT id, email FROM customers WHERE stripe_deleted_at IS NULL";
    let rows: Vec<(String, Option<String>)> = match &database.pool {
        Pool::Sqlite(pool) => sqlx::query_as(select).fetch_all(pool).await.unwrap(),
        Pool::Postgres(pool) => sqlx::query_as(select).fetch_all(pool).await.unwrap(),
        Pool::MySql(pool) => sqlx::query_as(select).fetch_all(pool).await.unwrap(),
    };
    rows.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_of_postgres_that_are_lost_lose_nothing() {
    answers_that_are_lost_lose_nothing(DatabaseKind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_of_mysql_that_are_lost_lose_nothing() {
    answers_that_are_lost_lose_nothing(DatabaseKind::MySql).await;
}
