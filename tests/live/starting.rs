//! A process that starts while others are at work.

use std::time::Duration;

use stripe_sync::live::EventFilter;
use stripe_sync::{DatabaseKind, Syncer, reexport::sqlx};

use super::database::Pool;
use super::service::Service;

/// On PostgreSQL, `CREATE INDEX IF NOT EXISTS` waits for everyone who writes to the table, and everyone else for it.
#[tokio::test]
async fn a_process_that_starts_does_not_wait_for_those_that_write() {
    let service = Service::start(DatabaseKind::Postgres).await;
    service
        .live()
        .events(&EventFilter::new())
        .await
        .expect("the tables are made");
    let Pool::Postgres(pool) = &service.database.pool else {
        unreachable!("the service is on PostgreSQL")
    };
    let mut writer = pool.begin().await.unwrap();
    for table in ["stripe_sync_inbox", "stripe_sync_work"] {
        let lock = format!("LOCK TABLE {table} IN ROW EXCLUSIVE MODE");
        sqlx::raw_sql(sqlx::AssertSqlSafe(lock))
            .execute(&mut *writer)
            .await
            .unwrap();
    }
    let stripe = service.syncer.stripe().clone();
    let other = Syncer::new(stripe, service.database.store());
    let live = stripe_sync::live::Live::builder(other).build().unwrap();
    let started = tokio::time::timeout(Duration::from_secs(30), async {
        live.events(&EventFilter::new()).await
    });
    started
        .await
        .expect("it does not wait for the writer")
        .unwrap();
    writer.rollback().await.unwrap();
    service.end().await;
}
