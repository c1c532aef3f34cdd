//! Paths that Stripe has and the fake does not serve: they say so, and none is taken for an id or a mistake.

use hyper::Method;
use serde_json::json;

use super::{get, refusal, send, start};
use fake_stripe::{CannedAnswer, FakeStripe};

async fn code(fake: &FakeStripe, method: Method, path: &str) -> (u16, String, String) {
    let bearer = format!("Bearer {}", fake.secret_key());
    let headers = [("authorization", &*bearer)];
    let reply = send(fake, method, path, &headers).await.unwrap();
    let error = reply.json()["error"].clone();
    assert_eq!(error["type"], "invalid_request_error");
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    if text("code") == "not_simulated" {
        assert_eq!(reply.header("stripe-should-retry"), Some("false"));
    }
    (reply.status, text("code"), text("message"))
}

#[tokio::test]
async fn what_is_not_simulated_says_so() {
    let fake = start().await;
    fake.create("customer", json!({ "id": "cus_1" })).unwrap();
    let (post, delete, get) = (Method::POST, Method::DELETE, Method::GET);
    for (method, path) in [
        (&post, "/v1/customers"),
        (&post, "/v1/customers/cus_1"),
        (&post, "/v1/refunds"),
        (&post, "/v1/charges/ch_1/capture"),
        (&post, "/v1/invoices/create_preview"),
        (&post, "/v1/checkout/sessions/cs_1/expire"),
        (&post, "/v1/test_helpers/test_clocks/clock_1/advance"),
        (&post, "/v1/billing/meter_events"),
        (&post, "/v2/core/accounts"),
        (&delete, "/v1/customers/cus_1/discount"),
        (&get, "/v1/credit_notes/preview"),
        (&get, "/v1/credit_notes/preview/lines"),
        (&get, "/v1/invoices/upcoming"),
        (&get, "/v1/quotes/qt_1/pdf"),
        (&get, "/v1/balance_settings"),
        (&get, "/v2/core/event_destinations"),
    ] {
        let (status, code, message) = code(&fake, method.clone(), path).await;
        assert_eq!((status, &*code), (400, "not_simulated"), "{method} {path}");
        let wanted = format!("fake-stripe does not simulate {method} {path}.");
        assert!(message.starts_with(&wanted), "{message}");
    }
    let log = fake.requests();
    assert_eq!(log[1].endpoint, "/v1/customers/{id}");
}

#[tokio::test]
async fn what_stripe_has_not_is_unrecognized() {
    let fake = start().await;
    for (method, path) in [
        (Method::GET, "/v1/custmers"),
        (Method::POST, "/v1/custmers"),
        (Method::DELETE, "/v1/charges/ch_1"),
        (Method::GET, "/v1/charges/ch_1/capture"),
        (Method::PUT, "/v1/customers/cus_1"),
        (Method::POST, "/v1/events"),
        (Method::GET, "/v3/customers"),
    ] {
        let (status, code, message) = code(&fake, method.clone(), path).await;
        assert_eq!((status, &*code), (404, ""), "{method} {path}");
        let wanted = format!("Unrecognized request URL ({method}: {path}).");
        assert!(message.starts_with(&wanted), "{message}");
    }
}

#[tokio::test]
async fn a_test_may_answer_what_is_not_simulated() {
    let fake = start().await;
    fake.answer_with("/v1/balance_settings", 1, CannedAnswer::new(200, "{}"));
    assert_eq!(get(&fake, "/v1/balance_settings").await.status, 200);
    assert_eq!(refusal(&fake, "/v1/balance_settings").await.0, 400);
}
