//! Who may deliver. Trap 19.

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use serde_json::json;
use stripe_sync::live::{EventFilter, Live};
use stripe_sync::testing::webhook_signature;
use stripe_sync::webhook::WebhookSecret;

use super::service::{Customer, Service, chrono_now, deliver, process};

async fn answer(live: &Live, signature: Option<&str>, body: &[u8]) -> u16 {
    let mut headers = HeaderMap::new();
    if let Some(signature) = signature {
        headers.insert(
            "stripe-signature",
            HeaderValue::from_str(signature).unwrap(),
        );
    }
    live.receive(&headers, body.to_vec())
        .await
        .status()
        .as_u16()
}

pub(crate) async fn what_is_not_signed_right_is_refused_unread(service: &Service) {
    let live = service.live();
    service
        .fake
        .create("customer", json!({"name": "Zoë"}))
        .unwrap();
    let delivery = service.fake.take_deliveries().remove(0);
    let (now, secret, body) = (chrono_now(), &service.endpoint.secret, &delivery.body);
    let v1 = |secret: &str, time: i64, body: &[u8]| webhook_signature(secret, time, body);
    let right = v1(secret, now, body);
    let forged = v1("whsec_another", now, body);
    let compact = serde_json::to_vec(&delivery.event()).unwrap();
    assert_ne!(compact, body[..], "Stripe's bodies are indented");
    let refused = [
        (None, &body[..]),
        (Some(String::new()), body),
        (Some("nonsense".to_owned()), body),
        (Some(format!("t={now}")), body),
        (Some(format!("v1={right}")), body),
        (Some(format!("t={now},v0={right}")), body),
        (Some(format!("t={now},v1={forged}")), body),
        (Some(format!("t={},v1={right}", now + 1)), body),
        (
            Some(format!(
                "t={},v1={}",
                now - 400,
                v1(secret, now - 400, body)
            )),
            body,
        ),
        // The same event, written in another way.
        (Some(format!("t={now},v1={right}")), &compact),
    ];
    for (signature, body) in refused {
        let status = answer(&live, signature.as_deref(), body).await;
        assert_eq!(status, 400, "{signature:?}");
    }
    let large = vec![b' '; 5 << 20];
    assert_eq!(answer(&live, None, &large).await, 413);
    assert!(live.events(&EventFilter::new()).await.unwrap().is_empty());
    // Signed, and no event.
    let nothing = v1(secret, now, b"[]");
    let status = answer(&live, Some(&format!("t={now},v1={nothing}")), b"[]").await;
    assert!(status == 200 || status == 400, "{status}");

    // Any of the signatures will do, whatever stands around it.
    let header = format!("t={now},v1={forged},v1={right},v0=x");
    assert_eq!(answer(&live, Some(&header), body).await, 200);
    process(&live).await;
    service.assert_truth::<Customer>().await;
}

pub(crate) async fn both_secrets_of_a_roll_are_taken(service: &Service) {
    let old = service.live();
    let day = Duration::from_secs(86_400);
    let new = service.fake.roll_secret(&service.endpoint.id, day).unwrap();
    let new = WebhookSecret::new(new).unwrap();
    let both = service.builder().secret(new.clone()).build().unwrap();
    let only_new = Live::builder(service.syncer.clone())
        .model::<Customer>()
        .secret(new)
        .build()
        .unwrap();
    service.fake.create("customer", json!({})).unwrap();
    let delivery = service.fake.take_deliveries().remove(0);
    for live in [&old, &both, &only_new] {
        assert_eq!(deliver(live, &delivery).await, 200);
    }
    service.fake.advance(day * 2);
    assert_eq!(deliver(&old, &delivery).await, 400);
    assert_eq!(deliver(&both, &delivery).await, 200);
    assert_eq!(deliver(&only_new, &delivery).await, 200);
    let kept = old.events(&EventFilter::new()).await.unwrap();
    assert_eq!(kept.len(), 1, "the same event each time");
}

pub(crate) async fn cloud_deliveries_come_another_way(service: &Service) {
    let live = service.live();
    service.fake.create("customer", json!({})).unwrap();
    let event = service.fake.take_deliveries().remove(0).event();
    let bridge = json!({
        "version": "0", "id": "1", "detail-type": event["type"], "source": "aws.partner/stripe.com/ed_1",
        "detail": event,
    });
    assert_eq!(
        answer(&live, None, bridge.to_string().as_bytes()).await,
        400
    );
    let response = live.receive_trusted(bridge.to_string()).await;
    assert_eq!(response.status().as_u16(), 200, "{}", response.body());
    process(&live).await;
    service.assert_truth::<Customer>().await;
    let handshake = json!([{
        "id": "1", "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent", "subject": "", "dataVersion": "1",
        "eventTime": "2026-01-01T00:00:00Z", "data": {"validationCode": "code-1"},
    }]);
    let response = live.receive_trusted(handshake.to_string()).await;
    assert!(response.body().contains("code-1"), "{}", response.body());
}
