//! A database that falls silent while deliveries are under way, or at any other moment: each delivery is answered within a bound, and
//! the service goes on.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use stripe_sync::live::Live;
use stripe_sync::reexport::sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use stripe_sync::reexport::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use stripe_sync::testing::FakeStripeExt as _;
use stripe_sync::webhook::WebhookSecret;
use stripe_sync::{IntoStore as _, Store, Syncer};

use super::database::Pool;
use super::proxy::Proxy;
use super::service::{Customer, Service, deliver};

/// The bound of a statement. Longer than any statement of this test takes, however slow the machine is.
const BOUND: Duration = Duration::from_secs(4);
/// More than the attempts at one delivery take, by far: reached only by what waits for ever.
const FOR_EVER: Duration = Duration::from_secs(120);
const CONNECTIONS: u32 = 10;
const DELIVERIES: usize = 20;

/// Connections of a pool that would soon be out of them.
const FEW: u32 = 2;
/// The bound of a statement that is waited for in vain several times. What a slow machine makes of it is tried again.
const SHORT_BOUND: Duration = Duration::from_secs(1);
/// More answers than a question has, with those to the pool's own.
const ANSWERS: i64 = 10;

/// The service's database behind a proxy.
pub(crate) async fn behind_proxy(service: &Service) -> Option<(Proxy, Store)> {
    behind_proxy_with(service, CONNECTIONS).await
}

async fn behind_proxy_with(service: &Service, connections: u32) -> Option<(Proxy, Store)> {
    match &service.database.pool {
        Pool::Sqlite(_) => None,
        Pool::Postgres(pool) => {
            let options: PgConnectOptions = (*pool.connect_options()).clone();
            let proxy = Proxy::start(options.get_port()).await;
            let pool = PgPoolOptions::new()
                .max_connections(connections)
                .connect_with(options.host("127.0.0.1").port(proxy.port()))
                .await
                .unwrap();
            Some((proxy, pool.into_store()))
        }
        Pool::MySql(pool) => {
            let options: MySqlConnectOptions = (*pool.connect_options()).clone();
            let proxy = Proxy::start(options.get_port()).await;
            let pool = MySqlPoolOptions::new()
                .max_connections(connections)
                .connect_with(options.host("127.0.0.1").port(proxy.port()))
                .await
                .unwrap();
            Some((proxy, pool.into_store()))
        }
    }
}

pub(crate) async fn deliveries_are_answered_when_the_database_falls_silent(service: &Service) {
    let Some((proxy, store)) = behind_proxy(service).await else {
        // There is no line that could fall silent.
        return;
    };
    let syncer = Syncer::builder(service.fake.stripe().unwrap(), store)
        .statement_timeout(BOUND)
        .build();
    let live = Live::builder(syncer)
        .model::<Customer>()
        .secret(WebhookSecret::new(&service.endpoint.secret).unwrap())
        .build()
        .unwrap();
    for number in 0..2 * DELIVERIES {
        let email = json!({"email": format!("{number}@example.com")});
        service.fake.create("customer", email).unwrap();
    }
    let deliveries = service.fake.take_deliveries();
    let (first, second) = deliveries.split_at(DELIVERIES);
    // Every connection of the pool is open, and what can be known is known.
    let answers = join_all(first.iter().map(|one| deliver(&live, one))).await;
    assert!(answers.iter().all(|status| *status == 200), "{answers:?}");

    proxy.fall_silent_after(7);
    let answers = join_all(second.iter().map(|one| deliver(&live, one)));
    let answers = tokio::time::timeout(FOR_EVER, answers).await;
    let answers = answers.expect("a delivery was not answered");
    assert_eq!(proxy.strikes(), 1, "nothing fell silent: {answers:?}");
    assert!(
        answers.iter().all(|status| matches!(status, 200 | 500)),
        "{answers:?}"
    );

    // Stripe delivers again what was not taken.
    for one in second {
        assert_eq!(deliver(&live, one).await, 200);
    }
    let processed = live.drain().await.unwrap();
    assert_eq!((processed.retried, processed.dead), (0, 0), "{processed:?}");
    service.assert_truth::<Customer>().await;
}

pub(crate) async fn a_silent_line_costs_the_pool_no_connection(service: &Service) {
    let Some((proxy, store)) = behind_proxy_with(service, FEW).await else {
        return;
    };
    let syncer = Syncer::builder(service.fake.stripe().unwrap(), store)
        .statement_timeout(SHORT_BOUND)
        .build();
    let live = Live::builder(syncer).model::<Customer>().build().unwrap();
    live.counts().await.unwrap();
    for answers in 0..ANSWERS {
        // Also the answer is lost to which nobody listens but the pool, which has the connection back by then.
        proxy.fall_silent_after(answers);
        drop(live.counts().await);
        proxy.behave();
    }
    assert!(proxy.strikes() > u64::from(FEW), "{}", proxy.strikes());
    let answered = async { while live.counts().await.is_err() {} };
    let answered = tokio::time::timeout(FOR_EVER, answered).await;
    answered.expect("the pool has no connection any more");
}
