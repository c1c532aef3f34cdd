//! Connections that break while a run writes: the page is done again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use stripe_sync::sqlx::{self, AssertSqlSafe};
use stripe_sync::testing::{FakeStripe, Faults, Phase};
use stripe_sync::{DatabaseKind, StripeSync, Syncer};
use tokio::sync::Notify;

use super::database::{Database, Pool};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    email: Option<String>,
}

const OBJECTS: usize = 3_000;
/// Pages between one blow and the next.
const PAGES: usize = 4;

/// Ends every connection of the database but the one that asks.
async fn end_all_connections(database: &Database) {
    match &database.pool {
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
    fake.faults(Faults::new(5).with_latency(Duration::ZERO..Duration::from_millis(5)));
    let database = Database::create(kind).await;
    let syncer = Syncer::new(fake.stripe().unwrap(), database.store());
    syncer.ensure_table::<Customer>().await.unwrap();

    let (pages, page) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let (count, notify) = (Arc::clone(&pages), Arc::clone(&page));
    fake.on_request(Phase::Before, move |request| {
        if request.path() == "/v1/customers" {
            count.fetch_add(1, Ordering::SeqCst);
            notify.notify_one();
        }
    });
    // A pool of its own, so that the blows do not wait for the run's connections.
    let striker = database.another().await;
    let run = syncer.sync_all::<Customer>();
    tokio::pin!(run);
    let mut blows = 0;
    let report = loop {
        tokio::select! {
            report = &mut run => break report.unwrap(),
            () = page.notified() => {
                if pages.load(Ordering::SeqCst) >= (blows + 1) * PAGES && blows < 5 {
                    blows += 1;
                    end_all_connections(&striker).await;
                }
            }
        }
    };
    assert!(blows >= 3, "only {blows} blows");
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
