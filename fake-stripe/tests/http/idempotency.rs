//! Keys of POSTs, ids of requests, and what is said about retries.

use std::time::Duration;

use fake_stripe::{FakeStripe, Faults};
use hyper::Method;
use serde_json::json;

use super::{Reply, get, id, send, send_body, start};

const ENDPOINTS: &str = "/v1/webhook_endpoints";
const FORM: &str = "url=https%3A%2F%2Fexample.com&enabled_events[]=*";

async fn post(fake: &FakeStripe, path: &str, key: &str, form: &str) -> Reply {
    let bearer = format!("Bearer {}", fake.secret_key());
    let headers = [("authorization", &*bearer), ("idempotency-key", key)];
    let reply = send_body(fake, Method::POST, path, &headers, form.to_owned()).await;
    reply.unwrap()
}

#[tokio::test]
async fn a_replay_says_that_it_is_one() {
    let fake = start().await;
    let first = post(&fake, ENDPOINTS, "k1", FORM).await;
    let request = first.header("request-id").unwrap();
    assert_eq!(first.header("idempotency-key"), Some("k1"));
    assert_eq!(first.header("original-request"), Some(request));
    assert_eq!(first.header("idempotent-replayed"), None);
    assert_eq!(first.header("stripe-should-retry"), Some("false"));
    let turned = "enabled_events[0]=*&url=https%3A%2F%2Fexample.com";
    let again = post(&fake, ENDPOINTS, "k1", turned).await;
    assert_eq!(again.body, first.body, "the order does not matter");
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.header("original-request"), Some(request));
    assert_ne!(again.header("request-id"), Some(request));
    assert_eq!(fake.count("webhook_endpoint"), 1);
}

#[tokio::test]
async fn a_key_is_for_one_request_and_for_a_day() {
    let fake = start().await;
    let first = post(&fake, ENDPOINTS, "k1", FORM).await.json();
    for (path, form, words) in [
        (
            ENDPOINTS.to_owned(),
            format!("{FORM}&connect=true"),
            "same parameters",
        ),
        (
            format!("{ENDPOINTS}/{}", id(&first)),
            FORM.to_owned(),
            "same endpoint",
        ),
    ] {
        let reply = post(&fake, &path, "k1", &form).await;
        let error = reply.json()["error"].clone();
        assert_eq!(
            (reply.status, &error["type"]),
            (400, &json!("idempotency_error"))
        );
        assert!(
            error["message"].as_str().unwrap().contains(words),
            "{error}"
        );
        assert_eq!(reply.header("idempotency-key"), Some("k1"));
    }
    fake.advance(Duration::from_secs(86_399));
    let again = post(&fake, ENDPOINTS, "k1", FORM).await;
    assert_eq!(again.json(), first);
    fake.advance(Duration::from_secs(1));
    let other = post(&fake, ENDPOINTS, "k1", FORM).await;
    assert_ne!(id(&other.json()), id(&first));
}

#[tokio::test]
async fn an_event_names_the_request_that_caused_it() {
    let fake = start().await;
    let customer = fake.create("customer", json!({})).unwrap();
    let bearer = format!("Bearer {}", fake.secret_key());
    let headers = [("authorization", &*bearer), ("idempotency-key", "ignored")];
    let path = format!("/v1/customers/{}", id(&customer));
    let reply = send(&fake, Method::DELETE, &path, &headers).await.unwrap();
    assert_eq!(reply.header("idempotency-key"), None, "a key is of a POST");
    let request = reply.header("request-id").unwrap();
    for (kind, id) in [
        ("customer.created", json!(null)),
        ("customer.deleted", json!(request)),
    ] {
        let events = fake.events();
        let event = events.iter().find(|event| event["type"] == kind).unwrap();
        let wanted = json!({ "id": id, "idempotency_key": null });
        assert_eq!(event["request"], wanted, "{kind}");
    }
    fake.create("customer", json!({})).unwrap();
    let after = fake.events();
    let own = after
        .iter()
        .filter(|event| event["request"]["id"].is_null());
    assert_eq!(own.count(), 2, "the next change is a test's own again");
}

#[tokio::test]
async fn a_lock_may_be_retried_and_a_limit_says_nothing() {
    let fake = start().await;
    fake.faults(Faults::new(1).rate_429(1.0).reasons([None]));
    let reply = get(&fake, "/v1/customers").await;
    assert_eq!(reply.json()["error"]["code"], "lock_timeout");
    assert_eq!(reply.header("stripe-should-retry"), Some("true"));
    let reasons = [Some(fake_stripe::RateLimitReason::GlobalRate)];
    fake.faults(Faults::new(1).rate_429(1.0).reasons(reasons));
    let reply = get(&fake, "/v1/customers").await;
    assert_eq!(reply.status, 429);
    assert_eq!(reply.header("stripe-should-retry"), None);
}
