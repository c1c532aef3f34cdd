//! Two processes that mirror one model into one PostgreSQL at once, one of which dies.

use std::collections::{BTreeSet, HashMap};
use std::future::{Future, pending};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use stripe_sync::testing::{FakeStripe, FakeStripeExt as _, Faults, Phase};
use stripe_sync::{DatabaseKind, Syncer};
use tokio::sync::Notify;

use super::child::{ANOTHER_RUNS, Order};
use super::database::Database;
use super::histories::place;
use super::models::resource;
use super::process::{End, Process};
use super::truth;

const OBJECTS: usize = 6_000;
/// Two thirds: a process that begins again from the start is far beyond [`MOST`].
const PAGES_BEFORE_DEATH: usize = 40;
/// The least possible is 60.
const LEAST: usize = OBJECTS.div_ceil(100);
/// A quarter more, and a constant: pages that were on their way when a process died, and the last, half empty page of
/// each part in which a list is read.
const MOST: usize = LEAST * 5 / 4 + 16;
/// Slow enough that two processes are at it at once, and some seconds pass in all.
const LATENCY: Duration = Duration::from_millis(250);

struct Scene {
    fake: FakeStripe,
    database: Database,
    order: Order,
}

impl Scene {
    async fn set(seed: u64) -> Self {
        let fake = FakeStripe::builder()
            .seed(seed)
            .nasty(crate::strange::strange())
            .start()
            .await
            .unwrap();
        fake.generate("customer", OBJECTS).unwrap();
        fake.faults(
            Faults::new(seed)
                .latency(LATENCY..LATENCY)
                .only("/v1/customers"),
        );
        let database = Database::create(DatabaseKind::Postgres).await;
        let syncer = Syncer::new(fake.stripe().unwrap(), database.store());
        let customer = resource("customer");
        (customer.ensure_table)(&syncer).await.unwrap();
        let order = Order {
            stripe: fake.base_url(),
            key: fake.secret_key().to_owned(),
            database: place(&database),
            objects: vec![customer.object.to_owned()],
            together: false,
            incremental: false,
        };
        Self {
            fake,
            database,
            order,
        }
    }

    /// Ready when so many pages were answered.
    fn pages(&self, count: usize) -> impl Future<Output = ()> + use<> {
        let seen = AtomicUsize::new(0);
        let reached = Arc::new(Notify::new());
        let notify = Arc::clone(&reached);
        self.fake.on_request(Phase::After, move |request| {
            if request.endpoint() == resource("customer").list
                && seen.fetch_add(1, Ordering::Relaxed) + 1 == count
            {
                notify.notify_one();
            }
        });
        async move { reached.notified().await }
    }

    /// The table equals Stripe, and each page was read about once. Removes the database whatever comes of it.
    async fn check(self) -> Result<(), String> {
        let customer = resource("customer");
        let found =
            truth::differences(&self.fake, &self.database, customer, &BTreeSet::new(), true).await;
        let counts = self.fake.request_counts();
        let pages = counts["GET /v1/customers"];
        let mut asked = HashMap::<String, usize>::new();
        for request in self.fake.requests() {
            if request.endpoint == customer.list {
                *asked.entry(request.query).or_default() += 1;
            }
        }
        let repeated = asked.values().filter(|count| **count > 1).count();
        self.database.remove().await;
        if !found.is_empty() {
            return Err(found.join("\n"));
        }
        if pages > MOST {
            return Err(format!(
                "{pages} pages were read, {repeated} of them more than once; the least is {LEAST}, the most {MOST}: {counts:?}"
            ));
        }
        Ok(())
    }
}

/// One of the two dies; the other one ends what both began.
async fn one_dies(seed: u64, first: bool) {
    let scene = Scene::set(seed).await;
    let (death, begun) = (scene.pages(PAGES_BEFORE_DEATH), scene.pages(1));
    let one = Process::start(&scene.order);
    begun.await;
    let two = Process::start(&scene.order);
    let (doomed, other) = if first { (one, two) } else { (two, one) };
    let (doomed, other) = tokio::join!(doomed.end(death), other.end(pending()));
    let converged = scene.check().await;
    assert!(matches!(doomed, End::Killed), "{doomed:?}");
    assert!(matches!(other, End::Success(_)), "{other:?}");
    assert_eq!(converged, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_ends_what_the_first_began() {
    one_dies(1, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_ends_what_the_second_began() {
    one_dies(2, false).await;
}

/// Nobody dies: the work is shared, or the second says that there is none for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_read_twice() {
    let scene = Scene::set(3).await;
    let begun = scene.pages(1);
    let one = Process::start(&scene.order);
    begun.await;
    let two = Process::start(&scene.order);
    let (one, two) = tokio::join!(one.end(pending()), two.end(pending()));
    let converged = scene.check().await;
    assert!(matches!(one, End::Success(_)), "{one:?}");
    let fits = match &two {
        End::Success(_) => true,
        End::Failed(output) => output.contains(ANOTHER_RUNS),
        End::Killed => false,
    };
    assert!(fits, "{two:?}");
    assert_eq!(converged, Ok(()));
}
