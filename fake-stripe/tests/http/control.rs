//! The control API and any test key of a fake in Rust: only where they are asked for.

use hyper::Method;
use serde_json::{Value, json};

use super::pump::receiver;
use super::{ok, send, send_body, start};
use fake_stripe::{FakeStripe, FakeStripeBuilder, Mode};

async fn started(builder: FakeStripeBuilder) -> FakeStripe {
    builder.start().await.unwrap()
}

async fn status(fake: &FakeStripe, key: &str) -> u16 {
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", &*bearer)];
    let reply = send(fake, Method::GET, "/v1/customers", &headers).await;
    reply.unwrap().status
}

async fn control(fake: &FakeStripe, method: Method, target: &str, body: &str) -> Value {
    let reply = send_body(fake, method, target, &[], body.to_owned()).await;
    let reply = reply.unwrap();
    assert_eq!(reply.status, 200, "{target}: {}", reply.json());
    reply.json()
}

#[tokio::test]
async fn a_fake_has_neither_by_default() {
    let fake = start().await;
    assert_eq!(status(&fake, "sk_test_any").await, 401);
    let reply = send(&fake, Method::GET, "/_fake/clock", &[]).await.unwrap();
    assert_eq!(reply.status, 401);
}

#[tokio::test]
async fn any_test_key_opens_test_mode_and_other_paths_are_stripe_s() {
    let builder = FakeStripe::builder().any_test_key(true).mode(Mode::Live);
    let fake = started(builder.control(true)).await;
    fake.generate("customer", 1).unwrap();
    for (key, wanted) in [
        ("sk_test_any", 200),
        ("rk_test_any", 200),
        ("sk_live_any", 401),
    ] {
        assert_eq!(status(&fake, key).await, wanted, "{key}");
    }
    let page = ok(&fake, "/v1/customers").await;
    assert_eq!(page["data"].as_array().unwrap().len(), 1, "live mode");
    let truth = |query: &'static str| {
        let target = format!("/_fake/truth/customer{query}");
        let fake = &fake;
        async move {
            let answer = control(fake, Method::GET, &target, "").await;
            answer["data"].as_array().unwrap().len()
        }
    };
    assert_eq!(truth("").await, 1);
    assert_eq!(truth("?livemode=false").await, 0);
    let reply = send(&fake, Method::GET, "/_fakes", &[]).await.unwrap();
    assert_eq!(reply.status, 401, "no key: a path of Stripe's");
}

#[tokio::test]
async fn a_delivery_waits_for_what_a_pump_posts() {
    let fake = started(FakeStripe::builder().control(true)).await;
    let (address, seen) = receiver().await;
    let endpoint = fake.webhook_endpoint(&format!("http://{address}/200"));
    endpoint.create().unwrap();
    let _pump = fake.deliver_webhooks().unwrap();
    for nth in 1..=20 {
        control(&fake, Method::POST, "/_fake/objects/product", "").await;
        control(&fake, Method::POST, "/_fake/deliver", "").await;
        assert_eq!(seen.lock().unwrap().len(), nth);
    }
    let deliveries = control(&fake, Method::GET, "/_fake/deliveries", "").await;
    let attempts = deliveries["data"].as_array().unwrap();
    assert!(attempts.iter().all(|one| one["outcome"] == "delivered"));
    assert_eq!((attempts.len(), &deliveries["waiting"]), (20, &json!([])));
}

#[tokio::test]
async fn a_reset_goes_back_to_what_was_saved() {
    let fake = start().await;
    let endpoint = fake.webhook_endpoint("http://127.0.0.1:9/");
    endpoint.create().unwrap();
    let customer = fake.create("customer", Value::Null).unwrap();
    fake.save_start();
    let draws = || {
        let made = fake.generate("customer", 3).unwrap();
        fake.add_account("acct_other", Mode::Test);
        made
    };
    let first = draws();
    let before = fake.take_deliveries();
    fake.reset();
    assert_eq!(fake.truth("customer"), [customer]);
    assert!(fake.account("acct_other", Mode::Test).is_err());
    assert!(fake.take_deliveries().is_empty());
    // What was under way when it was reset means nothing any more.
    before.iter().for_each(fake_stripe::Delivery::succeeded);
    assert_eq!(draws(), first, "the same draws");
    fake.create("product", Value::Null).unwrap();
    let after = fake.take_deliveries();
    assert_eq!(after.len(), 1);
    before.iter().for_each(fake_stripe::Delivery::succeeded);
    let event = fake.get(&after[0].event_id).unwrap();
    assert_eq!(event["pending_webhooks"], 1);
}

#[tokio::test]
async fn a_clock_that_follows_another_keeps_what_moved_it() {
    let fake = start().await;
    let now = fake.now();
    fake.follow_clock(1_000);
    assert_eq!(fake.now(), now);
    fake.save_start();
    fake.follow_clock(1_010);
    fake.set_now(5_000);
    fake.follow_clock(1_013);
    assert_eq!(fake.now(), 5_003);
    fake.reset();
    assert_eq!(fake.now(), now + 13);
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn https_is_in_the_address_and_a_name_must_be_one() {
    let fake = started(FakeStripe::builder().tls([])).await;
    assert!(fake.base_url().starts_with("https://127.0.0.1:"));
    let certificate = fake.certificate().unwrap();
    assert!(certificate.starts_with("-----BEGIN CERTIFICATE-----"));
    let error = FakeStripe::builder().tls(["stripé"]).start().await;
    let error = error.unwrap_err();
    assert!(matches!(error, fake_stripe::FakeError::Certificate(_)));
}
