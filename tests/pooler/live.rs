//! Events that two services take in and process at once.

use serde_json::json;
use stripe_sync::live::{EventFilter, HandlerError, Live};
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe, PgConnection, PgPool, Postgres};
use stripe_sync::testing::Delivery;
use stripe_sync::webhook::{Event, WebhookSecret};

use super::runs::FEW;
use super::service::{Customer, Service, Subscription};

const EFFECTS: &str =
    "CREATE TABLE effects (event text NOT NULL); CREATE TABLE told (event text NOT NULL)";

/// A handler inside the transaction, on the connection that the library lends it.
async fn effect(event: &Event, connection: &mut PgConnection) -> Result<(), HandlerError> {
    sqlx::query("INSERT INTO effects (event) VALUES ($1)")
        .bind(event.id().to_owned())
        .persistent(false)
        .execute(connection)
        .await?;
    Ok(())
}

/// A handler after the commit, on a connection of the application.
async fn tell(pool: PgPool, event: String) -> Result<(), HandlerError> {
    let mut transaction = pool.begin().await?;
    sqlx::query("INSERT INTO told (event) VALUES ($1)")
        .bind(event)
        .persistent(false)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

async fn live(service: &Service, secret: &str) -> Live {
    let pool = service.pool().await;
    Live::builder(service.syncer().await)
        .model::<Customer>()
        .model::<Subscription>()
        .secret(WebhookSecret::new(secret).unwrap())
        .in_transaction::<Postgres, _>("customer.*", effect)
        .on("customer.*", move |event| {
            let (pool, event) = (pool.clone(), event.id().to_owned());
            tell(pool, event)
        })
        .build()
        .unwrap()
}

async fn deliver(live: &Live, delivery: &Delivery) {
    let now = stripe_sync::reexport::chrono::Utc::now().timestamp();
    let headers = delivery.headers(now).into_iter().map(|(name, value)| {
        let name: http::HeaderName = name.parse().unwrap();
        (name, http::HeaderValue::from_str(&value).unwrap())
    });
    let headers = headers.collect();
    let answer = live.receive(&headers, delivery.body.clone()).await;
    assert_eq!(answer.status().as_u16(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_services_equal_stripe() {
    let service = Service::start(FEW).await;
    sqlx::raw_sql(EFFECTS)
        .execute(service.direct())
        .await
        .unwrap();
    let endpoint = service.fake.webhook_endpoint("https://example.com/stripe");
    let endpoint = endpoint.events(["*"]).create().unwrap();
    let services = [
        live(&service, &endpoint.secret).await,
        live(&service, &endpoint.secret).await,
    ];
    let syncer = service.syncer().await;
    syncer.ensure_table::<Customer>().await.unwrap();
    syncer.ensure_table::<Subscription>().await.unwrap();

    let mut events = Vec::new();
    for round in 0..4 {
        for number in 0..20 {
            let email = format!("{round}-{number}@example.com");
            let made = service
                .fake
                .create("customer", json!({"email": email}))
                .unwrap();
            let id = made["id"].as_str().unwrap();
            match number % 3 {
                0 => drop(service.fake.delete(id).unwrap()),
                1 => drop(
                    service
                        .fake
                        .update(id, json!({"email": "new@example.com"}))
                        .unwrap(),
                ),
                _ => {
                    let new = json!({"customer": id, "status": "active"});
                    service.fake.create("subscription", new).unwrap();
                }
            }
        }
        let deliveries = service.fake.take_deliveries();
        let handled = deliveries.iter().filter(|delivery| {
            let event = delivery.event();
            event["type"].as_str().unwrap().starts_with("customer.")
        });
        events.extend(handled.map(|delivery| delivery.event_id.clone()));
        let (odd, even): (Vec<_>, Vec<_>) = deliveries
            .iter()
            .enumerate()
            .partition(|(at, _)| at % 2 == 1);
        let take = async |live: &Live, deliveries: Vec<(usize, &Delivery)>| {
            for (_, delivery) in deliveries {
                deliver(live, delivery).await;
                // Stripe sends some twice.
                deliver(live, delivery).await;
                live.drain().await.unwrap();
            }
        };
        tokio::join!(take(&services[0], odd), take(&services[1], even));
    }
    while !at_rest(&services).await {}
    service.assert_truth::<Customer>().await;
    service.assert_truth::<Subscription>().await;
    events.sort();
    for table in ["effects", "told"] {
        let sql = format!("SELECT event FROM {table} ORDER BY event COLLATE \"C\"");
        let done: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_all(service.direct())
            .await
            .unwrap();
        assert_eq!(done, events, "{table}");
    }

    // What an operator asks for.
    let listed = services[0]
        .events(&EventFilter::new().at_most(10))
        .await
        .unwrap();
    assert_eq!(listed.len(), 10);
    services[1].catch_up().await.unwrap();
    service.end().await;
}

/// Processes what is due, and says whether nothing is pending any more.
async fn at_rest(services: &[Live; 2]) -> bool {
    for live in services {
        live.drain().await.unwrap();
    }
    let counts = services[0].counts().await.unwrap();
    counts.pending + counts.undelivered == 0
}
