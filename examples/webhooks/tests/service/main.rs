//! What Stripe delivers is in the service's answers.

mod http;
mod stage;
#[cfg(unix)]
mod stopping;

use serde_json::json;
use stage::Stage;
use stripe_sync::testing::Story;
use webhooks::routes::WEBHOOK;

#[tokio::test]
async fn rows_follow_what_is_delivered() {
    let stage = Stage::new().await;
    let old = stage.fake.generate("customer", 3).unwrap().remove(0);
    let missing = stage.get(&format!("/customers/{old}")).await;
    assert_eq!(missing.0, 404, "no event told of it");
    stage.service.backfill(std::future::pending).await.unwrap();
    assert_eq!(stage.get(&format!("/customers/{old}")).await.0, 200);

    let told = stage.fake.tell(Story::Payment).unwrap();
    let customer = told.id("customer").unwrap();
    let path = format!("/customers/{customer}");
    let row = stage.get_until(&path, |status, _| status == 200).await;
    assert_eq!(
        row["email"],
        stage.fake.get(customer).unwrap_or_default()["email"]
    );
    assert!(row["deleted_at"].is_null(), "{row}");

    let changes = json!({ "email": "countess@example.com" });
    stage.fake.update(customer, changes).unwrap();
    stage
        .get_until(&path, |_, row| row["email"] == "countess@example.com")
        .await;

    stage.fake.delete(customer).unwrap();
    stage
        .get_until(&path, |_, row| row["deleted_at"].is_string())
        .await;

    let metrics = stage
        .get_until("/metrics", |_, counts| counts["pending"] == 0)
        .await;
    assert_eq!(metrics["dead"], json!(0));
    let mut audited = stage.audited(customer).await;
    // Events of one second come in any order.
    audited.sort_unstable();
    assert_eq!(
        audited,
        [
            "customer.created",
            "customer.deleted",
            // The story gave the customer a card, the test another address.
            "customer.updated",
            "customer.updated",
        ]
    );
    assert_eq!(stage.pump.failed(), 0, "each delivery was accepted");
}

#[tokio::test]
async fn a_pattern_takes_what_is_below_it_too() {
    let stage = Stage::new().await;
    let told = stage.fake.tell(Story::Cancellation).unwrap();
    let (customer, subscription) = (
        told.id("customer").unwrap(),
        told.id("subscription").unwrap(),
    );
    let path = format!("/customers/{customer}");
    stage.get_until(&path, |status, _| status == 200).await;
    stage
        .get_until("/metrics", |_, counts| counts["pending"] == 0)
        .await;
    let mut audited = stage.audited(subscription).await;
    // Events of one second come in any order.
    audited.sort_unstable();
    assert_eq!(
        audited,
        [
            "customer.subscription.created",
            "customer.subscription.deleted",
            "customer.subscription.updated",
        ]
    );
}

#[tokio::test]
async fn a_forged_delivery_is_refused() {
    let stage = Stage::new().await;
    let event = json!({
        "id": "evt_forged", "object": "event", "type": "customer.created", "created": stage.fake.now(), "livemode": false,
        "data": { "object": { "id": "cus_forged", "object": "customer" } },
    });
    let event = event.to_string();
    for header in ["Accept: */*", "Stripe-Signature: t=1,v1=00"] {
        let (status, body) = http::post(stage.address, WEBHOOK, header, &event).await;
        assert_eq!(status, 400, "{header}: {body}");
    }
    let secret = stripe_sync::webhook::WebhookSecret::new("whsec_of_another").unwrap();
    let now = chrono::Utc::now().timestamp();
    let signature = secret.sign(now, event.as_bytes());
    let header = format!("Stripe-Signature: {signature}");
    let (status, body) = http::post(stage.address, WEBHOOK, &header, &event).await;
    assert_eq!(status, 400, "{body}");

    let (_, counts) = stage.get("/metrics").await;
    assert_eq!(
        (&counts["pending"], &counts["done"]),
        (&json!(0), &json!(0))
    );
}
