use std::sync::Arc;

use miniserde::json::Value;
use stripe_client_core::IdempotencyKey;

use super::*;
use crate::client::tests::server::{Server, Step, ok, status};
use crate::client::{Mode, RateBudget, StripeBuilder};

/// async-stripe's default client, without its HTTP: answers by path.
#[derive(Clone, Default)]
struct Double {
    seen: Arc<Mutex<Vec<String>>>,
}

impl StripeClient for Double {
    type Err = stripe::StripeError;

    async fn execute(&self, request: CustomizedStripeRequest) -> Result<Bytes, Self::Err> {
        let (request, overrides) = request.into_pieces();
        let mut seen = self.seen.lock().unwrap();
        seen.push(format!(
            "{:?} {} {:?} {:?} {:?} {:?}",
            request.method,
            request.path,
            request.query.unwrap_or_default(),
            request.body.unwrap_or_default(),
            overrides.account_id.map(|id| id.as_str().to_owned()),
            overrides.request_strategy,
        ));
        match request.path.as_str() {
            "/customers/cus_gone" => {
                let body = r#"{"type":"invalid_request_error","code":"resource_missing",
                    "param":"id","message":"No such customer: 'cus_gone'"}"#;
                let error = miniserde::json::from_str(body).unwrap();
                Err(stripe::StripeError::Stripe(Box::new(error), 404))
            }
            "/flaky" if seen.len() == 1 => Err(stripe::StripeError::ClientError("reset".into())),
            "/html" if seen.len() == 1 => Err(stripe::StripeError::JSONDeserialize(
                "no Stripe error".into(),
            )),
            "/misconfigured" => Err(stripe::StripeError::ConfigError(
                "not a key: sk_test_hunter2".into(),
            )),
            _ => Ok(Bytes::from_static(br#"{"object":"list","data":[]}"#)),
        }
    }
}

fn over(transport: impl Transport) -> Stripe {
    StripeBuilder::over(transport, Some(Mode::Test))
        .budget(RateBudget::unlimited())
        .retry_seed(1)
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_foreign_client_carries_the_request_and_its_bytes() {
    let double = Double::default();
    let stripe = over(AsyncStripeTransport::new(double.clone()));
    let request = Request::get("/v1/customers")
        .query("created[gte]", "5")
        .account("acct_1");
    let response = stripe.get(request, &Meter::new()).await.unwrap();
    assert_eq!(&response.body[..], br#"{"object":"list","data":[]}"#);
    let post = Request::post("/v1/customers")
        .form("name", "A&B")
        .idempotency_key("k1");
    stripe.send(post, &Meter::new()).await.unwrap();
    assert_eq!(
        *double.seen.lock().unwrap(),
        [
            r#"Get /customers "created%5Bgte%5D=5" "" Some("acct_1") Some(Once)"#,
            r#"Post /customers "" "name=A%26B" None Some(Idempotent(IdempotencyKey("k1")))"#,
        ]
    );
    let can = stripe.capabilities();
    assert!(can.connected_accounts && !can.sets_version && !can.response_headers && !can.v2);
    assert_eq!(stripe.api_version(), Some(VERSION.to_string()).as_deref());
}

#[tokio::test]
async fn a_foreign_clients_errors_are_classified() {
    let stripe = |_| over(AsyncStripeTransport::new(Double::default()));
    let get = async |path: &str| {
        let meter = Meter::new();
        let result = stripe(()).get(Request::get(path), &meter).await;
        (result, meter.snapshot().requests)
    };
    let (gone, tries) = get("/v1/customers/cus_gone").await;
    let gone = gone.unwrap_err();
    assert_eq!(
        (gone.missing_param(), gone.status(), tries),
        (Some("id"), Some(404), 1)
    );
    assert!(gone.to_string().contains("No such customer"), "{gone}");
    for path in ["/v1/flaky", "/v1/html"] {
        let (answer, tries) = get(path).await;
        assert_eq!((answer.unwrap().status, tries), (200, 2), "{path}");
    }
    let (error, tries) = get("/v1/misconfigured").await;
    let shown = format!("{:?}", error.unwrap_err());
    assert!(tries == 1 && !shown.contains("hunter2"), "{shown}");
    let (error, tries) = get("/v2/core/events").await;
    match error.unwrap_err() {
        ClientError::Transport { cause, .. } => {
            assert_eq!((cause.kind(), tries), (TransportErrorKind::Unsupported, 1));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_application_calls_through_our_client() {
    let server = Server::start([
        ok(r#"{"id":"cus_1"}"#),
        status(500, ""),
        ok(r#"{"id":"cus_2"}"#),
        Step::Reset,
        ok(r#"{"id":"cus_3"}"#),
        status(500, ""),
        ok("not json"),
    ])
    .await;
    let stripe = server.stripe();
    let call = |strategy: Option<RequestStrategy>| {
        let mut form = std::collections::BTreeMap::new();
        form.insert("name", "Jenny & Co");
        let call = RequestBuilder::new(StripeMethod::Post, "/customers")
            .form(&form)
            .customize();
        let call = call.account_id("acct_9".into());
        strategy
            .into_iter()
            .fold(call, |call, strategy| call.request_strategy(strategy))
    };
    let id = |value: Value| match value {
        Value::Object(object) => format!("{:?}", object.get("id")),
        other => panic!("{other:?}"),
    };

    assert!(id(call(None).send(&stripe).await.unwrap()).contains("cus_1"));
    let key = IdempotencyKey::new("mine").unwrap();
    let keyed = call(Some(RequestStrategy::Idempotent(key)));
    assert!(id(keyed.send(&stripe).await.unwrap()).contains("cus_2"));
    let retried = call(Some(RequestStrategy::ExponentialBackoff(2)));
    assert!(id(retried.send(&stripe).await.unwrap()).contains("cus_3"));
    // Neither key nor strategy: a write is not repeated.
    let error = call(None).send(&stripe).await.map(id).unwrap_err();
    assert_eq!(error.status(), Some(500));
    let error = call(None).send(&stripe).await.map(id).unwrap_err();
    assert!(matches!(error, ClientError::Decode { .. }), "{error:?}");

    let seen = server.requests();
    assert!(
        seen[0].starts_with("POST /v1/customers HTTP/1.1\r\n"),
        "{}",
        seen[0]
    );
    assert!(seen[0].contains("stripe-account: acct_9\r\n"));
    assert!(
        seen[0].ends_with("\r\n\r\nname=Jenny+%26+Co"),
        "{}",
        seen[0]
    );
    assert!(!seen[0].contains("idempotency-key"));
    assert!(
        seen[1..3]
            .iter()
            .all(|request| request.contains("idempotency-key: mine\r\n"))
    );
    let random = |request: &str| {
        let line = request
            .lines()
            .find(|line| line.starts_with("idempotency-key: stripe-sync-"));
        line.map(str::to_owned)
    };
    assert!(random(&seen[3]).is_some() && random(&seen[3]) == random(&seen[4]));
    assert_eq!(seen.len(), 7);
    assert_eq!(stripe.totals().requests, 7);
}

#[tokio::test]
async fn both_ways_at_once() {
    let server = Server::start([ok("[1]"), status(403, "Request-Id: req_403\r\n")]).await;
    let classify = |error: ClientError| match error {
        ClientError::Api(error) => ForeignError::Api {
            status: error.status,
            kind: error.kind,
            code: error.code,
            param: error.param,
            message: error.message,
        },
        other => ForeignError::Transport(TransportError::new(
            TransportErrorKind::Broken,
            other.to_string(),
        )),
    };
    let stripe = over(AsyncStripeTransport::with_classifier(
        server.stripe(),
        classify,
    ));
    let request = || Request::get("/v1/customers").query("expand[]", "data.tax_ids");
    assert_eq!(
        &stripe.get(request(), &Meter::new()).await.unwrap().body[..],
        b"[1]"
    );
    assert!(
        stripe
            .get(request(), &Meter::new())
            .await
            .unwrap_err()
            .is_permission()
    );
    assert!(server.requests()[0].starts_with("GET /v1/customers?expand%5B%5D=data.tax_ids "));
}

#[test]
fn objects_are_read_as_async_stripes_types() {
    let body = br#"{"type":"api_error","message":"m"}"#;
    let error: stripe::ApiErrors = typed(body).unwrap();
    assert_eq!(error.message.as_deref(), Some("m"));
    let unfit = typed::<stripe::ApiErrors>(br#"{"message":3}"#)
        .map(|_| ())
        .unwrap_err();
    assert!(unfit.to_string().contains("ApiErrors"), "{unfit}");
    assert!(typed::<stripe::ApiErrors>(b"\xff").is_err());
}
