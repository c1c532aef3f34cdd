//! An axum service on three ready-made models, one of them replaced by a struct of its own.
//!
//! ```text
//! cargo run -p ready-made                  # a fake Stripe, into ready-made.db
//! STRIPE_SECRET_KEY=sk_test_... cargo run -p ready-made
//!
//! curl localhost:3000/users/cus_1
//! ```

use std::env;

use ready_made::BoxError;
use ready_made::service::Service;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;
use stripe_sync::Stripe;
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let options = SqliteConnectOptions::new()
        .filename("ready-made.db")
        .create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await?;
    let fake;
    let stripe = match env::var("STRIPE_SECRET_KEY") {
        Ok(key) => Stripe::new(key)?,
        Err(_) => {
            fake = FakeStripe::builder().seed(7).start().await?;
            fake.generate("customer", 20)?;
            fake.generate("subscription", 30)?;
            fake.stripe()?
        }
    };
    let service = Service::start(stripe, pool.clone()).await?;
    let address = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = tokio::net::TcpListener::bind(&address).await?;
    let user: Option<String> = sqlx::query_scalar("SELECT customer FROM stripe_subscriptions")
        .fetch_optional(&pool)
        .await?;
    println!(
        "\nTry next, and end with Ctrl-C:\n  curl http://{}/users/{}",
        listener.local_addr()?,
        user.unwrap_or_default()
    );
    // Without the secret of an endpoint, Stripe's own list of events is followed.
    let live = service.live.clone().run_until(async {
        let _ = tokio::signal::ctrl_c().await;
    });
    tokio::select! {
        served = async { axum::serve(listener, service.router()).await } => served?,
        _ = live => {}
    }
    Ok(())
}
