//! The service against the fake Stripe.

use ready_made::service::Service;
use serde_json::json;
use sqlx::SqlitePool;
use sqlx::sqlite::SqlitePoolOptions;
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};

async fn memory() -> SqlitePool {
    let options = SqlitePoolOptions::new().max_connections(1);
    options.connect("sqlite::memory:").await.unwrap()
}

#[tokio::test]
async fn users_are_customers_and_subscriptions_are_ready_made() {
    let fake = FakeStripe::builder().seed(3).start().await.unwrap();
    let customer = json!({ "id": "cus_1", "email": "a@example.com" });
    fake.create("customer", customer).unwrap();
    let subscription = json!({ "id": "sub_1", "customer": "cus_1", "status": "active" });
    fake.create("subscription", subscription).unwrap();
    let service = Service::start(fake.stripe().unwrap(), memory().await)
        .await
        .unwrap();
    sqlx::query("UPDATE users SET theme = 'dark'")
        .execute(&service.pool)
        .await
        .unwrap();
    let profile = service.profile("cus_1").await.unwrap().unwrap();
    assert_eq!(profile.user.email.as_deref(), Some("a@example.com"));
    assert!(profile.is_active && !profile.is_trialing);

    service.live.catch_up().await.unwrap();
    fake.update("cus_1", json!({ "email": "b@example.com" }))
        .unwrap();
    fake.update("sub_1", json!({ "status": "past_due" }))
        .unwrap();
    service.live.catch_up().await.unwrap();
    service.live.drain().await.unwrap();
    let profile = service.profile("cus_1").await.unwrap().unwrap();
    assert_eq!(profile.user.email.as_deref(), Some("b@example.com"));
    assert_eq!(profile.user.theme.as_deref(), Some("dark"));
    assert!(!profile.is_active);
    assert!(service.profile("cus_2").await.unwrap().is_none());
    // The ready-made table of customers is not made.
    let customers = sqlx::query("SELECT * FROM stripe_customers");
    assert!(customers.fetch_all(&service.pool).await.is_err());
}
