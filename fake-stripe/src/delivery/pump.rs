//! Deliveries over HTTP: what is due is posted to where it belongs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::Client;
use tokio::sync::Semaphore;
use tokio::task::{AbortHandle, JoinSet};

use crate::delivery::post::{CONCURRENCY, client, take};
use crate::error::FakeError;
use crate::state::Shared;

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
        let taken = {
            let mut state = shared.lock();
            let taken = take(&mut state, &shared);
            let count = u64::try_from(taken.len()).unwrap_or(u64::MAX);
            counts.started.fetch_add(count, Ordering::AcqRel);
            taken
        };
        for post in taken {
            let (places, counts, client) =
                (Arc::clone(&places), Arc::clone(&counts), client.clone());
            posts.spawn(async move {
                // The semaphore is never closed.
                let _place = places.acquire().await;
                if post.send(&client).await {
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
