//! Retries and limits over a scripted transport, with the clock under control.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::Instant;

use crate::client::*;

#[derive(Default)]
pub(super) struct Script {
    steps: Mutex<VecDeque<Option<Result<Response, TransportError>>>>,
    sent: Mutex<usize>,
}

/// Hands out the steps; `None` hangs, and after the last one everything succeeds.
#[derive(Clone, Default)]
pub(super) struct Scripted(Arc<Script>);

impl Scripted {
    fn new(steps: Vec<Option<Result<Response, TransportError>>>) -> Self {
        Self(Arc::new(Script {
            steps: Mutex::new(steps.into()),
            sent: Mutex::new(0),
        }))
    }

    fn sent(&self) -> usize {
        *self.0.sent.lock().unwrap()
    }

    pub(super) fn builder(&self) -> StripeBuilder {
        StripeBuilder::over(self.clone(), Some(Mode::Test))
            .budget(RateBudget::unlimited())
            .retry_seed(3)
    }
}

impl Transport for Scripted {
    fn send<'a>(&'a self, _: &'a Request) -> BoxFuture<'a, Result<Response, TransportError>> {
        *self.0.sent.lock().unwrap() += 1;
        let step = self.0.steps.lock().unwrap().pop_front();
        Box::pin(async move {
            match step {
                Some(Some(outcome)) => outcome,
                Some(None) => std::future::pending().await,
                None => Ok(Response::new(200, "{}")),
            }
        })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
    }
}

fn answer(status: u16, reason: Option<&str>, should_retry: Option<bool>) -> Step {
    let mut response = Response::new(status, r#"{"error":{"message":"as scripted"}}"#);
    response.rate_limited = reason.map(Into::into);
    response.should_retry = should_retry;
    Some(Ok(response))
}

type Step = Option<Result<Response, TransportError>>;

fn read() -> Request {
    Request::get("/v1/customers")
}

#[tokio::test(start_paused = true)]
async fn each_429_is_retried_until_stripe_forbids_it() {
    for reason in [
        Some("global-rate"),
        Some("global-concurrency"),
        Some("endpoint-rate"),
        Some("endpoint-concurrency"),
        Some("resource-specific"),
        Some("unheard-of"),
        None,
    ] {
        for (should_retry, attempts) in [(None, 3), (Some(true), 3), (Some(false), 1)] {
            let steps = || answer(429, reason, should_retry);
            let script = Scripted::new(vec![steps(), steps()]);
            let result = script
                .builder()
                .build()
                .unwrap()
                .get(read(), &Meter::new())
                .await;
            assert_eq!(script.sent(), attempts, "{reason:?} {should_retry:?}");
            assert_eq!(result.is_ok(), attempts == 3);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn retries_end_at_their_number_with_the_last_error() {
    let script = Scripted::new((0..20).map(|_| answer(503, None, None)).collect());
    let stripe = script.builder().max_retries(3).build().unwrap();
    let start = Instant::now();
    let error = stripe.get(read(), &Meter::new()).await.unwrap_err();
    assert_eq!((script.sent(), error.api().unwrap().attempts), (4, 4));
    // 0.5, 1 and 2 seconds, each between half and whole.
    let took = start.elapsed().as_secs_f64();
    assert!((1.75..=3.51).contains(&took), "{took}");
    assert!(error.to_string().ends_with("after 4 attempts"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_total_time_ends_retries_and_keeps_the_last_error() {
    let script = Scripted::new((0..100).map(|_| answer(500, None, None)).collect());
    let limit = Duration::from_secs(10);
    let stripe = script
        .builder()
        .max_retries(100)
        .total_time(limit)
        .build()
        .unwrap();
    let start = Instant::now();
    let error = stripe.get(read(), &Meter::new()).await.unwrap_err();
    assert!(start.elapsed() <= limit && start.elapsed() > limit / 3);
    assert!(
        matches!(&error, ClientError::TimedOut { last: Some(_), .. }),
        "{error:?}"
    );
    assert_eq!(error.status(), Some(500));
}

#[tokio::test(start_paused = true)]
async fn a_hanging_attempt_ends_at_its_limit() {
    let script = Scripted::new(vec![None]);
    let stripe = script.builder().build().unwrap();
    let request = read().attempt_timeout(Duration::from_secs(2));
    stripe.get(request, &Meter::new()).await.unwrap();
    assert_eq!(script.sent(), 2);

    let script = Scripted::new(vec![answer(500, None, None), None]);
    let stripe = script
        .builder()
        .total_time(Duration::from_secs(7))
        .build()
        .unwrap();
    let start = Instant::now();
    let error = stripe.get(read(), &Meter::new()).await.unwrap_err();
    assert!(
        start.elapsed() < Duration::from_millis(7100),
        "{:?}",
        start.elapsed()
    );
    assert!(
        matches!(error, ClientError::TimedOut { attempts: 2, .. }),
        "{error:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn waiting_for_the_budget_is_not_held_against_a_request() {
    let script = Scripted::default();
    let stripe = script
        .builder()
        .budget(RateBudget::default().account(1.0).headroom(0.0))
        .total_time(Duration::from_secs(3))
        .build()
        .unwrap();
    let meter = Arc::new(Meter::new());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (stripe, meter) = (stripe.clone(), Arc::clone(&meter));
        tasks.spawn(async move { stripe.get(read(), &meter).await.is_ok() });
    }
    assert!(tasks.join_all().await.into_iter().all(|ok| ok));
    // 0 + 1 + … + 9 seconds.
    assert_eq!(meter.snapshot().throttled.as_secs_f64().round(), 45.0);
}

#[tokio::test(start_paused = true)]
async fn a_429_slows_the_requests_that_follow() {
    let script = Scripted::new(vec![answer(429, Some("endpoint-rate"), None)]);
    let budget = RateBudget::default().account(1000.0).headroom(0.0);
    let stripe = script.builder().budget(budget).build().unwrap();
    let start = Instant::now();
    for _ in 0..26 {
        stripe.get(read(), &Meter::new()).await.unwrap();
    }
    // At 25 a second this takes one second and the backoff.
    assert!(
        start.elapsed() > Duration::from_millis(1700),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn writes_are_repeated_with_a_key_only() {
    let broken = || {
        Some(Err(TransportError::new(
            TransportErrorKind::Broken,
            "reset",
        )))
    };
    for (request, sent) in [
        (Request::post("/v1/customers"), 1),
        (Request::new(Method::Delete, "/v1/customers/cus_1"), 1),
        (Request::post("/v1/customers").idempotency_key("k"), 2),
        (read().max_retries(0), 1),
    ] {
        let script = Scripted::new(vec![broken()]);
        let stripe = script.builder().build().unwrap();
        assert_eq!(stripe.send(request, &Meter::new()).await.is_ok(), sent == 2);
        assert_eq!(script.sent(), sent);
    }
}

/// The constant is what a user reads in the documentation; the schema is what the macro checks against.
#[test]
fn requests_ask_for_the_version_of_the_schema() {
    assert_eq!(
        crate::client::API_VERSION,
        stripe_sync_schema::api_version()
    );
}

#[tokio::test(start_paused = true)]
async fn a_patient_handle_lets_others_pass() {
    let script = Scripted::new(Vec::new());
    let limits = RateBudget::default().account(1.0).headroom(0.0);
    let stripe = script.builder().budget(limits).build().unwrap();
    let patient = stripe.leftover();
    let accounts = patient.for_account("acct_1");
    let meter = Meter::new();
    // It spends the token that there is.
    stripe.get(read(), &meter).await.unwrap();
    let start = Instant::now();
    let sent = async |stripe: &Stripe| {
        stripe.get(read(), &meter).await.unwrap();
        // The bucket holds a little more than one token, for timers that are late.
        (start.elapsed() + Duration::from_millis(100)).as_secs()
    };
    let (waited, first, second) = tokio::join!(sent(&patient), sent(&stripe), sent(&stripe));
    assert_eq!((first, second, waited), (1, 2, 3));
    // An account's budget is another one, and its requests are as patient.
    let first = sent(&accounts).await;
    let impatient = stripe.for_account("acct_1");
    let (waited, other) = tokio::join!(sent(&accounts), sent(&impatient));
    assert_eq!((first, other, waited), (3, 4, 5));
}
