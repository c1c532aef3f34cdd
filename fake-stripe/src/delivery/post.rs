//! One POST of a delivery, and the record of it.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::Client;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::delivery::Delivery;
use crate::error::FakeError;
use crate::state::{Shared, State};
use crate::webhooks::attempts::{Attempt, Outcome};

/// Posts that are under way at once. Stripe does not publish a number.
pub(super) const CONCURRENCY: usize = 64;
/// How long a receiver may take. Stripe does not publish it; those who measured it say 10 to 30 seconds.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How often it is looked for the end of what others post.
const CHECK: Duration = Duration::from_millis(5);
/// What became of a post that was dropped.
const CUT: &str = "the fake cut it off";

/// A delivery that was taken to be posted. When it is dropped, its record says what became of it.
pub(super) struct Post {
    delivery: Delivery,
    number: u64,
    outcome: Outcome,
    shared: Arc<Shared>,
}

impl Drop for Post {
    fn drop(&mut self) {
        let outcome = std::mem::replace(&mut self.outcome, Outcome::UnderWay);
        self.shared
            .lock()
            .webhooks
            .attempts
            .end(self.number, outcome);
    }
}

/// Takes what is due. The posts must not be dropped under the lock of the state.
pub(super) fn take(state: &mut State, shared: &Arc<Shared>) -> Vec<Post> {
    let deliveries = state.take_deliveries(shared);
    let at = state.now;
    let attempts = &mut state.webhooks.attempts;
    let posts = deliveries.into_iter().map(|delivery| Post {
        number: attempts.push(Attempt {
            endpoint: delivery.endpoint.clone(),
            url: delivery.url.clone(),
            event: delivery.event_id.clone(),
            kind: delivery.kind.clone(),
            nth: delivery.attempt,
            at,
            outcome: Outcome::UnderWay,
        }),
        delivery,
        outcome: Outcome::Failed(CUT.to_owned()),
        shared: Arc::clone(shared),
    });
    posts.collect()
}

impl Post {
    /// Posts it and returns whether that was a success.
    pub(super) async fn send(mut self, client: &Client) -> bool {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = since.map_or(0, |since| {
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        });
        let delivery = &self.delivery;
        let mut request = client.post(&delivery.url).body(delivery.body.clone());
        for (name, value) in delivery.headers(now) {
            request = request.header(name, value);
        }
        self.outcome = match request.send().await {
            Ok(answer) => Outcome::Answered(answer.status().as_u16()),
            Err(error) => Outcome::Failed(reason(&error)),
        };
        let succeeded = self.outcome.is_success();
        if succeeded {
            self.delivery.succeeded();
        }
        succeeded
    }
}

/// The error with its causes.
fn reason(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Posts that have their answers.
#[derive(Debug, Default)]
pub(crate) struct Posted {
    pub(crate) delivered: u64,
    pub(crate) failed: u64,
}

/// Posts all that is due, and waits for its answers and for those of what others post.
pub(crate) async fn deliver(shared: &Arc<Shared>) -> Result<Posted, FakeError> {
    let client = client()?;
    let (posts, numbers) = {
        let mut state = shared.lock();
        let posts = take(&mut state, shared);
        let numbers: Vec<u64> = state.webhooks.attempts.under_way().collect();
        (posts, numbers)
    };
    let places = Arc::new(Semaphore::new(CONCURRENCY));
    let mut tasks = JoinSet::new();
    for post in posts {
        let (places, client) = (Arc::clone(&places), client.clone());
        tasks.spawn(async move {
            // The semaphore is never closed.
            let _place = places.acquire().await;
            post.send(&client).await;
        });
    }
    while tasks.join_next().await.is_some() {}
    let mut posted = Posted::default();
    for number in numbers {
        while is_under_way(shared, number) {
            tokio::time::sleep(CHECK).await;
        }
        let state = shared.lock();
        let attempt = state.webhooks.attempts.get(number);
        if attempt.is_some_and(|attempt| attempt.outcome.is_success()) {
            posted.delivered += 1;
        } else {
            posted.failed += 1;
        }
    }
    Ok(posted)
}

fn is_under_way(shared: &Shared, number: u64) -> bool {
    let state = shared.lock();
    let attempt = state.webhooks.attempts.get(number);
    attempt.is_some_and(|attempt| attempt.outcome == Outcome::UnderWay)
}

pub(super) fn client() -> Result<Client, FakeError> {
    let builder = || {
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| FakeError::Client(error.into()))
    };
    let tls = match builder()?.with_platform_verifier() {
        Ok(verified) => verified.with_no_client_auth(),
        // A bare container has no certificates; `http` needs none.
        Err(_) => builder()?
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth(),
    };
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .timeout(TIMEOUT)
        .no_proxy()
        .tls_backend_preconfigured(tls)
        .build()
        .map_err(|error| FakeError::Client(error.into()))
}
