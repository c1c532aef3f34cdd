//! The default transport against a real socket.

use std::time::Duration;

use super::server::{Server, Step, ok, status};
use crate::client::*;

/// `{"object":"list","data":[]}`, compressed.
const GZIPPED: [u8; 47] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 202, 79, 202, 74, 77, 46, 81, 178, 82, 202, 201, 44,
    46, 81, 210, 81, 74, 73, 44, 73, 84, 178, 138, 142, 173, 5, 0, 180, 200, 253, 60, 27, 0, 0, 0,
];

fn read() -> Request {
    Request::get("/v1/customers")
        .query("limit", "100")
        .query("created[gte]", "0")
}

#[tokio::test]
async fn headers_are_sent_and_kept() {
    let server = Server::start([ok("{}"), ok("{}"), ok("{}")]).await;
    let stripe = server.stripe();
    let meter = Meter::new();
    let response = stripe.get(read(), &meter).await.unwrap();
    assert_eq!(response.request_id.as_deref(), Some("req_ok"));
    assert_eq!(response.date, Some(1_795_341_600));
    let connected = stripe.for_account("acct_1");
    assert_eq!(connected.account(), Some("acct_1"));
    connected.get(read(), &meter).await.unwrap();
    let post = Request::post("/v1/customers")
        .form("name", "Jenny & Co")
        .idempotency_key("k1");
    stripe.send(post.account("acct_2"), &meter).await.unwrap();

    let seen = server.requests();
    assert!(seen[0].starts_with("GET /v1/customers?limit=100&created%5Bgte%5D=0 HTTP/1.1\r\n"));
    for line in [
        "authorization: Bearer sk_test_hunter2\r\n".to_owned(),
        format!("stripe-version: {API_VERSION}\r\n"),
        format!("user-agent: stripe-sync/{}\r\n", env!("CARGO_PKG_VERSION")),
        "accept-encoding: gzip\r\n".to_owned(),
    ] {
        assert!(seen[0].contains(&line), "{line} is not in {}", seen[0]);
    }
    assert!(!seen[0].contains("stripe-account"));
    assert!(seen[1].contains("stripe-account: acct_1\r\n"));
    assert!(seen[2].contains("stripe-account: acct_2\r\n"));
    assert!(seen[2].contains("idempotency-key: k1\r\n"));
    assert!(seen[2].contains("content-type: application/x-www-form-urlencoded\r\n"));
    assert!(seen[2].ends_with("\r\n\r\nname=Jenny+%26+Co"));
    assert_eq!(server.connections(), 1, "connections are pooled");
    assert_eq!((meter.snapshot().requests, meter.snapshot().bytes), (3, 6));
    assert_eq!(stripe.totals().requests, 3);
}

#[tokio::test]
async fn a_compressed_body_is_read() {
    let step = Step::Answer(200, "Content-Encoding: gzip\r\n", GZIPPED.to_vec());
    let mut cut = GZIPPED.to_vec();
    cut.truncate(30);
    let broken = Step::Answer(200, "Content-Encoding: gzip\r\n", cut);
    let server = Server::start([step, broken, ok("whole")]).await;
    let stripe = server.stripe();
    let meter = Meter::new();
    let response = stripe.get(read(), &meter).await.unwrap();
    assert_eq!(&response.body[..], br#"{"object":"list","data":[]}"#);
    // A compressed stream that ends early is a cut body, whatever its Content-Length says.
    let response = stripe.get(read(), &meter).await.unwrap();
    assert_eq!(&response.body[..], b"whole");
    assert_eq!(meter.snapshot().retries, 1);
}

/// A few bytes may become a gigabyte: what counts is what is read, and it is not asked for again.
#[tokio::test]
async fn an_answer_that_is_too_large_is_refused() {
    let compressed = Step::Answer(200, "Content-Encoding: gzip\r\n", GZIPPED.to_vec());
    for (step, most, is_read) in [
        (compressed.clone(), 26, false),
        (compressed, 27, true),
        (ok("0123456789"), 9, false),
        (ok("0123456789"), 10, true),
    ] {
        let server = Server::start([step, ok("{}")]).await;
        let stripe = server.builder().max_body(most).build().unwrap();
        let meter = Meter::new();
        match stripe.get(read(), &meter).await {
            Ok(_) => assert!(is_read),
            Err(ClientError::Transport { cause, .. }) => {
                assert!(!is_read);
                assert_eq!(cause.kind(), TransportErrorKind::TooLarge);
                assert!(cause.to_string().contains("max_body"), "{cause}");
            }
            Err(error) => panic!("{error:?}"),
        }
        assert_eq!(meter.snapshot().requests, 1);
    }
}

/// An answer whose bytes come one by one is never silent, and does not end.
#[tokio::test]
async fn an_attempt_that_takes_too_long_is_made_again() {
    let server = Server::start([Step::Drip, ok("{}")]).await;
    let limit = Duration::from_millis(300);
    let stripe = server.builder().attempt_timeout(limit).build().unwrap();
    let meter = Meter::new();
    assert_eq!(stripe.get(read(), &meter).await.unwrap().status, 200);
    assert_eq!(meter.snapshot().retries, 1);
}

#[test]
fn a_key_does_not_go_unencrypted_to_another_machine() {
    let client = || Stripe::builder("sk_live_hunter2").base_url("http://api.stripe.com");
    let error = client().build().unwrap_err();
    let shown = error.to_string();
    assert!(matches!(error, ConfigError::PlainHttp { .. }), "{shown}");
    assert!(
        shown.contains("api.stripe.com") && !shown.contains("hunter2"),
        "{shown}"
    );
    assert!(client().send_key_without_tls(true).build().is_ok());
}

/// A transport of the application's that panics.
struct Panicking;

impl Transport for Panicking {
    fn send<'a>(
        &'a self,
        _: &'a Request,
    ) -> futures_util::future::BoxFuture<'a, Result<Response, TransportError>> {
        panic!("a bug of the transport");
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
    }
}

#[tokio::test]
async fn a_transport_that_panics_is_an_error() {
    let stripe = StripeBuilder::over(Panicking, None)
        .max_retries(1)
        .build()
        .unwrap();
    let error = stripe.get(read(), &Meter::new()).await.unwrap_err();
    let ClientError::Transport {
        cause, attempts: 2, ..
    } = error
    else {
        panic!("{error:?}");
    };
    assert!(
        cause.to_string().contains("a bug of the transport"),
        "{cause}"
    );
}

#[tokio::test]
async fn what_breaks_on_the_way_is_retried() {
    for first in [Step::Reset, Step::Cut, status(500, ""), status(409, "")] {
        let server = Server::start([first, ok("{}")]).await;
        let meter = Meter::new();
        let response = server.stripe().get(read(), &meter).await.unwrap();
        assert_eq!(response.status, 200);
        let seen = meter.snapshot();
        assert_eq!((seen.requests, seen.retries), (2, 1));
    }
}

#[tokio::test]
async fn a_refused_connection_is_named() {
    let server = Server::start([]).await;
    let stripe = server
        .builder()
        .base_url("http://127.0.0.1:1")
        .max_retries(0)
        .build()
        .unwrap();
    match stripe
        .get(read().query("email", "jenny@example.com"), &Meter::new())
        .await
    {
        Err(ClientError::Transport {
            cause,
            attempts: 1,
            path,
            ..
        }) => {
            assert_eq!(cause.kind(), TransportErrorKind::Connect);
            assert_eq!(path, "/v1/customers");
            assert!(cause.to_string().contains("refused"), "{cause}");
            let shown = format!("{cause:?}");
            assert!(
                !shown.contains("jenny") && !shown.contains("hunter2"),
                "{shown}"
            );
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn silence_ends_at_the_read_timeout() {
    let server = Server::start([Step::Hang, ok("{}")]).await;
    let stripe = server
        .builder()
        .read_timeout(Duration::from_millis(100))
        .build()
        .unwrap();
    let meter = Meter::new();
    assert_eq!(stripe.get(read(), &meter).await.unwrap().status, 200);
    assert_eq!(meter.snapshot().retries, 1);

    let server = Server::start([Step::Hang]).await;
    let stripe = server
        .builder()
        .total_time(Duration::from_millis(200))
        .build()
        .unwrap();
    let error = stripe.get(read(), &meter).await.unwrap_err();
    assert!(
        matches!(error, ClientError::TimedOut { attempts: 1, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn reasons_of_limits_are_read_and_retried() {
    let server = Server::start([
        status(429, "Stripe-Rate-Limited-Reason: global-rate\r\n"),
        status(429, ""),
        ok("{}"),
        status(
            429,
            "Stripe-Rate-Limited-Reason: brand-new\r\nStripe-Should-Retry: false\r\n",
        ),
        status(400, "Stripe-Should-Retry: true\r\n"),
        ok("{}"),
    ])
    .await;
    let stripe = server.stripe();
    let meter = Meter::new();
    stripe.get(read(), &meter).await.unwrap();
    assert_eq!(meter.snapshot().retries, 2);
    assert!(meter.snapshot().throttled >= Duration::from_millis(750));
    let error = stripe.get(read(), &meter).await.unwrap_err();
    assert_eq!((error.status(), error.is_transient()), (Some(429), true));
    stripe.get(read(), &meter).await.unwrap();
    assert_eq!(server.requests().len(), 6);
}

#[tokio::test]
async fn an_error_of_stripe_is_whole_and_not_retried() {
    let body = r#"{"error":{"type":"invalid_request_error","code":"resource_missing",
        "param":"starting_after","message":"No such customer: 'cus_1'"}}"#;
    let server = Server::start([
        Step::Answer(404, "Request-Id: req_404\r\n", body.into()),
        Step::Answer(302, "Location: http://127.0.0.1:1/\r\n", Vec::new()),
    ])
    .await;
    let stripe = server.stripe();
    let meter = Meter::new();
    let error = stripe
        .get(Request::get("/v1/customers").segment("a/../b"), &meter)
        .await;
    let error = error.unwrap_err();
    assert_eq!(error.missing_param(), Some("starting_after"));
    assert_eq!(error.request_id(), Some("req_404"));
    assert!(server.requests()[0].starts_with("GET /v1/customers/a%2F..%2Fb HTTP/1.1"));
    let error = stripe.get(read(), &meter).await.unwrap_err();
    assert_eq!(error.status(), Some(302), "redirects are not followed");
    assert_eq!(meter.snapshot().requests, 2);
}

#[test]
fn settings_that_cannot_work_are_refused_without_the_secret() {
    for key in ["pk_live_hunter2", "whsec_hunter2", "hunter2", ""] {
        let error = Stripe::new(key).unwrap_err();
        assert!(matches!(error, ConfigError::Key { .. }), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
    let error = Stripe::new("sk_test_hunter2\u{7f}x").unwrap_err();
    assert!(
        matches!(error, ConfigError::Header { what: "key" }),
        "{error:?}"
    );
    let builder = Stripe::builder("sk_live_hunter2").base_url("http://localhost:1");
    assert!(!format!("{builder:?}").contains("hunter2"));
    let stripe = builder.build().unwrap();
    assert_eq!(
        (stripe.mode(), stripe.api_version()),
        (Some(Mode::Live), Some(API_VERSION))
    );
    assert!(!format!("{stripe:?}").contains("hunter2"));
    let budget = RateBudget::default().headroom(2.0);
    let error = Stripe::builder("sk_test_a")
        .budget(budget)
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("headroom"), "{error}");
}

#[tokio::test]
async fn a_value_that_no_header_carries_fails_at_once() {
    let server = Server::start([]).await;
    let meter = Meter::new();
    let error = server
        .stripe()
        .get(read().account("acct\n1"), &meter)
        .await
        .unwrap_err();
    assert!(
        matches!(error, ClientError::Transport { attempts: 1, .. }),
        "{error:?}"
    );
    assert!(!error.is_transient());
    assert!(server.requests().is_empty());
}
