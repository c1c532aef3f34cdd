//! The header `Stripe-Version`.

use hyper::Method;
use serde_json::Value;

use super::{Reply, send};
use fake_stripe::{FakeStripe, Versions};

async fn at(fake: &FakeStripe, version: &str) -> Reply {
    let bearer = format!("Bearer {}", fake.secret_key());
    let headers = [("authorization", &*bearer), ("stripe-version", version)];
    let reply = send(fake, Method::GET, "/v1/customers", &headers).await;
    reply.unwrap()
}

fn message(reply: &Reply) -> String {
    let body: Value = reply.json();
    body["error"]["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn another_version_is_refused() {
    let fake = FakeStripe::builder().start().await.unwrap();
    assert_eq!(at(&fake, fake.simulated_version()).await.status, 200);
    let reply = at(&fake, "2024-06-20").await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["error"]["code"], "not_simulated");
    let text = message(&reply);
    let names = [fake.simulated_version(), "2024-06-20", "AnswerNewest"];
    assert!(names.iter().all(|name| text.contains(name)), "{text}");
    for version in ["bogus", "2024-06-21", "2026-10-28"] {
        let reply = at(&fake, version).await;
        assert_eq!(reply.status, 400);
        let wanted = format!("Invalid Stripe API version: {version}.");
        assert!(message(&reply).starts_with(&wanted), "{}", message(&reply));
    }
    assert_eq!(
        fake.warnings(),
        [text],
        "the refusal of a real version, once"
    );
}

#[tokio::test]
async fn another_version_may_be_answered_in_the_newest_shape() {
    let builder = FakeStripe::builder().versions(Versions::AnswerNewest);
    let fake = builder.start().await.unwrap();
    for _ in 0..2 {
        let reply = at(&fake, "2020-08-27").await;
        assert_eq!(reply.status, 200);
        let shape = reply.header("stripe-version");
        assert_eq!(shape, Some(fake.simulated_version()));
    }
    assert_eq!(at(&fake, "2025-03-31.preview").await.status, 200);
    assert_eq!(at(&fake, fake.simulated_version()).await.status, 200);
    assert_eq!(at(&fake, "bogus").await.status, 400);
    let warnings = fake.warnings();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    let wanted = "GET /v1/customers asked for version 2020-08-27";
    assert!(warnings[0].starts_with(wanted), "{warnings:?}");
}
