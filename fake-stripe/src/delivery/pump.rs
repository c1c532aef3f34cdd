//! Deliveries over HTTP: what is due is posted to where it belongs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::Client;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::sync::Semaphore;
use tokio::task::{AbortHandle, JoinSet};

use crate::delivery::Delivery;
use crate::error::FakeError;
use crate::state::Shared;

/// Posts that are under way at once. Stripe does not publish a number.
const CONCURRENCY: usize = 64;
/// How long a receiver may take. Stripe does not publish it; those who measured it say 10 to 30 seconds.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How often [`WebhookPump::idle`] looks.
const IDLE_CHECK: Duration = Duration::from_millis(5);

/// Posts what is due, many at once, until it is stopped or dropped. A 2xx is a success. Everything else, redirects
/// included, is a failure, and tried again when the fake's clock passes the next retry time.
///
/// The deliveries are signed at the time of the real clock, which is what a receiver compares with.
#[derive(Debug)]
pub struct WebhookPump {
    shared: Arc<Shared>,
    counts: Arc<Counts>,
    task: AbortHandle,
}

#[derive(Debug, Default)]
struct Counts {
    started: AtomicU64,
    delivered: AtomicU64,
    failed: AtomicU64,
}

impl Drop for WebhookPump {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl WebhookPump {
    pub(crate) fn start(shared: &Arc<Shared>) -> Result<Self, FakeError> {
        let client = client()?;
        let counts = Arc::new(Counts::default());
        let task = tokio::spawn(run(Arc::clone(shared), Arc::clone(&counts), client));
        Ok(Self {
            shared: Arc::clone(shared),
            counts,
            task: task.abort_handle(),
        })
    }

    /// Attempts that were answered with 2xx.
    pub fn delivered(&self) -> u64 {
        self.counts.delivered.load(Ordering::Acquire)
    }

    /// Attempts that were answered with anything else, or not at all.
    pub fn failed(&self) -> u64 {
        self.counts.failed.load(Ordering::Acquire)
    }

    /// Waits until nothing is due and every attempt has its answer. What is due later does not count.
    pub async fn idle(&self) {
        while !self.is_idle() {
            tokio::time::sleep(IDLE_CHECK).await;
        }
    }

    /// Stops it. Attempts that are under way are cut.
    pub fn stop(self) {}

    fn is_idle(&self) -> bool {
        let state = self.shared.lock();
        let finished = self.delivered() + self.failed();
        // Attempts are counted as started under the same lock under which they are taken.
        state.webhooks.queue.is_idle(state.now)
            && self.counts.started.load(Ordering::Acquire) == finished
    }
}

async fn run(shared: Arc<Shared>, counts: Arc<Counts>, client: Client) {
    let places = Arc::new(Semaphore::new(CONCURRENCY));
    let due = Arc::clone(&shared.lock().webhooks.due);
    let mut posts = JoinSet::new();
    loop {
        let deliveries = {
            let mut state = shared.lock();
            let deliveries = state.take_deliveries(&shared);
            let count = u64::try_from(deliveries.len()).unwrap_or(u64::MAX);
            counts.started.fetch_add(count, Ordering::AcqRel);
            deliveries
        };
        for delivery in deliveries {
            let (places, counts, client) =
                (Arc::clone(&places), Arc::clone(&counts), client.clone());
            posts.spawn(async move {
                // The semaphore is never closed.
                let _place = places.acquire().await;
                if post(&client, &delivery).await {
                    delivery.succeeded();
                    counts.delivered.fetch_add(1, Ordering::AcqRel);
                } else {
                    counts.failed.fetch_add(1, Ordering::AcqRel);
                }
            });
        }
        while posts.try_join_next().is_some() {}
        due.notified().await;
    }
}

/// One attempt; whether it was a success.
async fn post(client: &Client, delivery: &Delivery) -> bool {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    });
    let mut request = client.post(&delivery.url).body(delivery.body.clone());
    for (name, value) in delivery.headers(now) {
        request = request.header(name, value);
    }
    match request.send().await {
        Ok(answer) => answer.status().is_success(),
        Err(_) => false,
    }
}

fn client() -> Result<Client, FakeError> {
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
