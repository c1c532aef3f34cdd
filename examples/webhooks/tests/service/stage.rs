//! The service on a port of its own, and a fake Stripe that delivers to it.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use sqlx::SqlitePool;
use sqlx::sqlite::SqlitePoolOptions;
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _, WebhookPump};
use stripe_sync::webhook::WebhookSecret;
use tokio::net::TcpListener;
use webhooks::endpoint;
use webhooks::service::Service;

use crate::http;

/// How often something that is waited for is looked at, with a pause of 20 ms.
const LOOKS: usize = 1500;

pub struct Stage {
    pub fake: FakeStripe,
    pub service: Service,
    pub address: SocketAddr,
    /// Delivers until it is dropped.
    pub pump: WebhookPump,
}

impl Stage {
    pub async fn new() -> Self {
        let fake = FakeStripe::builder().seed(1).start().await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();

        let stripe = fake.stripe().unwrap();
        let base = format!("http://{address}");
        let secret = endpoint::ensure(&stripe, &base).await.unwrap().unwrap();
        let secret = WebhookSecret::new(secret.expose()).unwrap();
        let service = Service::new(stripe, pool().await, [secret]).await.unwrap();

        let router = service.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        tokio::spawn(service.live.clone().run());
        let pump = fake.deliver_webhooks().unwrap();
        Self {
            fake,
            service,
            address,
            pump,
        }
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        let (status, body) = http::get(self.address, path).await;
        (status, serde_json::from_str(&body).unwrap_or_default())
    }

    /// Asks again and again until the answer is as wanted.
    pub async fn get_until(&self, path: &str, wanted: impl Fn(u16, &Value) -> bool) -> Value {
        let mut last = (0, Value::Null);
        for _ in 0..LOOKS {
            last = self.get(path).await;
            if wanted(last.0, &last.1) {
                return last.1;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("GET {path} still answers {} {}", last.0, last.1);
    }

    /// The kinds of the audited events about an object, in their order.
    pub async fn audited(&self, object: &str) -> Vec<String> {
        sqlx::query_scalar("SELECT kind FROM audit WHERE object = ? ORDER BY rowid")
            .bind(object)
            .fetch_all(&self.service.pool)
            .await
            .unwrap()
    }
}

/// A database in memory belongs to one connection.
async fn pool() -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(1)
        .connect("sqlite::memory:")
        .await
        .unwrap()
}
