//! A verification while objects change and live sync works: nothing is drift that is only late.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use fastrand::Rng;
use futures_util::future::BoxFuture;
use serde_json::json;
use stripe_sync::client::{
    Capabilities, Meter, RateBudget, Request, Response, StripeBuilder, Transport, TransportError,
    TransportErrorKind,
};
use stripe_sync::{Stripe, Syncer, VerifyOptions};
use tokio::sync::{Mutex, Notify};

use super::service::{Customer, Service, deliver_all};

/// Customers: thirty pages.
const CUSTOMERS: usize = 3_000;
/// Changes from one request of the verification to the next.
const CHANGES_BETWEEN: u64 = 5;

/// What the verification and the changes do with each other.
#[derive(Default)]
struct Steps {
    /// Held while an object changes and its event is delivered: no request falls between the two.
    changing: Mutex<()>,
    changes: AtomicU64,
    changed: Notify,
}

/// The road of the verification: each of its requests waits for some changes.
struct Road {
    stripe: Stripe,
    steps: Arc<Steps>,
    wanted: AtomicU64,
}

impl Transport for Road {
    fn send<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Response, TransportError>> {
        Box::pin(async {
            let steps = &self.steps;
            let wanted = self.wanted.fetch_add(CHANGES_BETWEEN, SeqCst);
            while steps.changes.load(SeqCst) < wanted {
                steps.changed.notified().await;
            }
            let _changing = steps.changing.lock().await;
            let sent = self.stripe.send(request.clone(), &Meter::default()).await;
            sent.map_err(|error| {
                TransportError::new(TransportErrorKind::Connect, error.to_string())
            })
        })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
    }
}

/// Objects change all the time, some of them again and again, and the events are delivered at once; workers are behind.
pub(crate) async fn nothing_is_drift_that_is_only_late(service: &Service) {
    service.fake.generate("customer", CUSTOMERS).unwrap();
    service.fake.advance(Duration::from_secs(86_400));
    service.syncer.sync_all::<Customer>().await.unwrap();
    let steps = Arc::new(Steps::default());
    let road = Road {
        stripe: service.syncer.stripe().clone(),
        steps: Arc::clone(&steps),
        wanted: AtomicU64::new(0),
    };
    let stripe = StripeBuilder::over(road, service.syncer.stripe().mode())
        .budget(RateBudget::unlimited())
        .build()
        .unwrap();
    let verifier = Syncer::new(stripe, service.database.store());
    let live = service.live();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let workers = tokio::spawn(live.clone().run_until(async move {
        let _ = stopped.await;
    }));

    let ids = service.fake.ids("customer");
    let mut rng = Rng::with_seed(20);
    let changing = async {
        loop {
            let id = match rng.u8(0..4) {
                0 => &ids[rng.usize(..10)],
                _ => &ids[rng.usize(..ids.len())],
            };
            let guard = steps.changing.lock().await;
            let email = format!("{}@example.org", rng.u64(..));
            service.fake.update(id, json!({"email": email})).unwrap();
            deliver_all(service, &live).await;
            drop(guard);
            steps.changes.fetch_add(1, SeqCst);
            steps.changed.notify_waiters();
            steps.changed.notify_one();
            tokio::task::yield_now().await;
        }
    };
    let options = VerifyOptions::default().grace(Duration::from_millis(20));
    let verification = tokio::select! {
        verification = verifier.verify_with::<Customer>(options) => verification.unwrap(),
        () = changing => unreachable!("changes do not end"),
    };
    drop(stop);
    workers.await.unwrap();
    let changes = steps.changes.load(SeqCst);
    println!("{changes} changes: {verification}");
    assert!(
        changes >= CHANGES_BETWEEN * (CUSTOMERS as u64 / 100),
        "{changes}"
    );
    let counts = verification.counts;
    assert_eq!((counts.drifted(), counts.failed), (0, 0), "{verification}");
    assert!(counts.unsettled <= changes, "{verification}");
    assert_eq!(
        counts.equal + counts.unsettled,
        CUSTOMERS as u64,
        "{verification}"
    );

    // Nothing stays unsettled once all is quiet.
    live.catch_up().await.unwrap();
    live.drain().await.unwrap();
    let options = VerifyOptions::default().grace(Duration::ZERO);
    let after = service
        .syncer
        .verify_with::<Customer>(options)
        .await
        .unwrap();
    assert!(after.is_equal() && after.counts.unsettled == 0, "{after}");
    // What really is drift is found beside.
    let spoil = format!("UPDATE customers SET email = 'x' WHERE id = '{}'", ids[42]);
    service.run(&spoil).await;
    let options = VerifyOptions::default().grace(Duration::ZERO);
    let after = service
        .syncer
        .verify_with::<Customer>(options)
        .await
        .unwrap();
    assert_eq!(
        (after.counts.differing, after.counts.equal),
        (1, CUSTOMERS as u64 - 1),
        "{after}"
    );
}
