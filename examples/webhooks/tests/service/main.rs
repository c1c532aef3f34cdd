//! What Stripe delivers is in the service's answers.

mod http;
mod stage;
#[cfg(unix)]
mod stopping;

use serde_json::json;
use stage::Stage;
use webhooks::routes::WEBHOOK;

#[tokio::test]
async fn rows_follow_what_is_delivered() {
    let stage = Stage::new().await;
    let old = stage.fake.generate("customer", 3).unwrap().remove(0);
    let missing = stage.get(&format!("/customers/{old}")).await;
    assert_eq!(missing.0, 404, "no event told of it");
    stage.service.backfill(std::future::pending).await.unwrap();
    assert_eq!(stage.get(&format!("/customers/{old}")).await.0, 200);

    let customer = json!({ "id": "cus_ada", "email": "ada@example.com" });
    stage.fake.create("customer", customer).unwrap();
    let row = stage
        .get_until("/customers/cus_ada", |status, _| status == 200)
        .await;
    assert_eq!(row["email"], "ada@example.com");
    assert!(row["deleted_at"].is_null(), "{row}");

    let changes = json!({ "email": "countess@example.com" });
    stage.fake.update("cus_ada", changes).unwrap();
    stage
        .get_until("/customers/cus_ada", |_, row| {
            row["email"] == "countess@example.com"
        })
        .await;

    stage.fake.delete("cus_ada").unwrap();
    stage
        .get_until("/customers/cus_ada", |_, row| row["deleted_at"].is_string())
        .await;

    let metrics = stage
        .get_until("/metrics", |_, counts| counts["pending"] == 0)
        .await;
    assert_eq!((&metrics["done"], &metrics["dead"]), (&json!(3), &json!(0)));
    assert_eq!(
        stage.audited("cus_ada").await,
        ["customer.created", "customer.updated", "customer.deleted"]
    );
    assert_eq!(stage.pump.failed(), 0, "each delivery was accepted");
}

#[tokio::test]
async fn a_pattern_takes_what_is_below_it_too() {
    let stage = Stage::new().await;
    let subscription = json!({ "id": "sub_1", "customer": "cus_1" });
    stage.fake.create("subscription", subscription).unwrap();
    stage
        .get_until("/metrics", |_, counts| counts["done"] == 1)
        .await;
    assert_eq!(
        stage.audited("sub_1").await,
        ["customer.subscription.created"]
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
