//! What a program is told that does not say that there is a pooler.

use std::error::Error as _;

use serde_json::json;
use stripe_sync::reexport::sqlx::{self, PgPool};
use stripe_sync::{PoolerTrouble, StoreError, SyncError, Syncer};

use super::bouncer::Setup;
use super::service::{Customer, Service};

/// All clients share one connection of the server, so that the second one always meets what the first one prepared.
const ONE_FOR_ALL: Setup = Setup {
    connections: 1,
    ignores_parameters: true,
};

/// A run beside a connection that prepared a statement of its own through the pooler.
async fn second_client(service: &Service, pools: [PgPool; 2]) -> SyncError {
    service.fake.create("customer", json!({})).unwrap();
    let [first, second] = pools;
    let mut held = first.acquire().await.unwrap();
    sqlx::query("SELECT 1").execute(&mut *held).await.unwrap();
    let syncer = Syncer::new(service.stripe(), second);
    match syncer.sync_all::<Customer>().await {
        Ok(report) => panic!("expected an error, got {report}"),
        Err(error) => error,
    }
}

/// The error, if it is the pooler's.
fn trouble(error: &SyncError) -> PoolerTrouble {
    match error.root() {
        SyncError::Store(StoreError::Pooler { trouble, .. }) => *trouble,
        other => panic!("expected the pooler's error, got {other:?}"),
    }
}

#[tokio::test]
async fn a_statement_of_another_client_is_the_poolers_error() {
    let service = Service::start(ONE_FOR_ALL).await;
    let pools = [service.pool().await, service.pool().await];
    let error = second_client(&service, pools).await;
    assert_eq!(trouble(&error), PoolerTrouble::Prepared);
    let text = error.to_string();
    for part in [
        "PgBouncer",
        "transaction_pooler(true)",
        ".persistent(false)",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let SyncError::Store(error) = error.root() else {
        panic!("{error:?}");
    };
    let cause = error.database_error().unwrap().to_string();
    assert!(text.contains(&cause), "{text}");
    assert!(
        error.source().is_none(),
        "what the message has is not returned"
    );
    service.end().await;
}

#[tokio::test]
async fn a_driver_that_remembers_no_statement_is_no_remedy() {
    let service = Service::start(ONE_FOR_ALL).await;
    let pool = || service.pool_with(|options| options.statement_cache_capacity(0));
    let pools = [pool().await, pool().await];
    let error = second_client(&service, pools).await;
    assert_eq!(trouble(&error), PoolerTrouble::Prepared);
    service.end().await;
}

#[tokio::test]
async fn a_parameter_that_the_pooler_refuses_is_named() {
    let service = Service::start(Setup {
        connections: 1,
        ignores_parameters: false,
    })
    .await;
    let refused = service.syncer().await.ensure_table::<Customer>().await;
    let error = refused.unwrap_err();
    assert_eq!(trouble(&error), PoolerTrouble::StartupParameter);
    assert!(error.to_string().contains("extra_float_digits"), "{error}");

    // The remedy that the error names.
    let pool = service.pool_with(|options| options.extra_float_digits(None));
    let syncer = Syncer::builder(service.stripe(), pool.await)
        .transaction_pooler(true)
        .build();
    syncer.ensure_table::<Customer>().await.unwrap();
    service.end().await;
}
