//! The history of verifications, and two processes that verify at once.

use std::sync::Arc;
use std::time::Duration;

use stripe_sync::reexport::sqlx::{self, AssertSqlSafe, Row as _};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{
    Context, DatabaseKind, StripeObject, StripeSync, Syncer, VerificationKind, VerifyOptions,
};
use tokio::sync::{Notify, Semaphore};
use tracing::instrument::WithSubscriber as _;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context as Layered, SubscriberExt as _};

use super::database::{Database, Pool};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    email: Option<String>,
}

/// A customer that is mapped when the test lets it be.
#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", pre_set_default = wait)]
struct Held {
    id: String,
    email: Option<String>,
}

/// What holds the mapping in one process.
struct Gate {
    begun: Notify,
    open: Semaphore,
}

async fn wait(_: &StripeObject, cx: &Context) -> Result<(), tokio::sync::AcquireError> {
    if let Some(gate) = cx.state::<Arc<Gate>>() {
        gate.begun.notify_one();
        drop(gate.open.acquire().await?);
    }
    Ok(())
}

/// Notes that a process waits for another one.
struct Waits(Arc<Notify>);

impl<S: Subscriber> Layer<S> for Waits {
    fn on_event(&self, event: &Event<'_>, _: Layered<'_, S>) {
        if event.metadata().name() == "stripe_sync.waiting" {
            self.0.notify_one();
        }
    }
}

struct World {
    fake: FakeStripe,
    database: Database,
}

impl World {
    async fn start(kind: DatabaseKind) -> Self {
        let fake = FakeStripe::builder().seed(4).start().await.unwrap();
        fake.generate("customer", 12).unwrap();
        Self {
            fake,
            database: Database::create(kind).await,
        }
    }

    async fn end(self) {
        self.database.remove().await;
    }

    /// A process with a pool of its own.
    async fn process(&self) -> (Syncer, Database) {
        let database = self.database.another().await;
        let syncer = Syncer::new(self.fake.stripe().unwrap(), database.store());
        (syncer, database)
    }
}

/// The first text of each row, and each number that is asked for.
async fn read(pool: &Pool, sql: &str, text: &str, numbers: &[&str]) -> Vec<(String, Vec<i64>)> {
    macro_rules! read {
        ($pool:expr) => {{
            let rows = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_all($pool);
            let rows = rows.await.unwrap().into_iter();
            let read = rows.map(|row| {
                let numbers = numbers.iter().map(|name| row.get::<i64, _>(*name));
                (row.get::<String, _>(text), numbers.collect())
            });
            read.collect()
        }};
    }
    match pool {
        Pool::Sqlite(pool) => read!(pool),
        Pool::Postgres(pool) => read!(pool),
        Pool::MySql(pool) => read!(pool),
    }
}

/// The statements of the guide's page.
fn statements() -> Vec<&'static str> {
    let page = include_str!("../../stripe-sync/src/docs/verify.md");
    let blocks = page.split("```sql").skip(1);
    let statements = blocks.filter_map(|block| Some(block.split_once("```")?.0.trim()));
    statements.collect()
}

on_each_database! { World, start, end: the_history_survives_a_restart nothing_was_verified_yet two_processes_verify_once }

async fn the_history_survives_a_restart(world: &World) {
    let (syncer, process) = world.process().await;
    syncer.ensure_table::<Customer>().await.unwrap();
    syncer.sync_all::<Customer>().await.unwrap();
    let full = syncer.verify::<Customer>().await.unwrap();
    let options = VerifyOptions::default().quick(true);
    let quick = syncer.verify_with::<Customer>(options).await.unwrap();
    drop(syncer);
    process.close().await;

    let (syncer, process) = world.process().await;
    let last = syncer.last_verification::<Customer>().await.unwrap();
    assert_eq!(last.as_ref(), Some(&quick));
    let all = syncer.verifications::<Customer>(10).await.unwrap();
    assert_eq!(all, [quick.clone(), full.clone()]);
    let newest = syncer.verifications::<Customer>(1).await.unwrap();
    assert_eq!(newest.as_slice(), std::slice::from_ref(&quick));

    let status = syncer.status([Customer::MODEL]).await.remove(0).1.unwrap();
    let verified = status.verified.clone().unwrap();
    assert_eq!(verified.kind, VerificationKind::Quick);
    assert_eq!(verified.is_equal, quick.is_equal());
    assert_eq!(
        (verified.counts, verified.requests),
        (quick.counts, quick.requests)
    );
    let shown = status.to_string();
    assert!(shown.contains("; verified: equal at 2"), "{shown}");
    assert!(shown.ends_with("(quick)"), "{shown}");

    let [tables, verifications] = statements()[..] else {
        panic!("{:?}", statements());
    };
    let told = read(&process.pool, tables, "verification", &["verified_at"]).await;
    let [(told, moments)] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(moments[..], [verified.ended_at.timestamp_millis()]);
    let begins = format!(
        r#"{{"kind":"quick","is_equal":true,"equal":{},"#,
        quick.counts.equal
    );
    assert!(told.starts_with(&begins), "{told}");
    let numbers = ["equal", "requests", "started_at", "ended_at"];
    let kept = read(&process.pool, verifications, "kind", &numbers).await;
    let kinds: Vec<&str> = kept.iter().map(|(kind, _)| &**kind).collect();
    assert_eq!(kinds, ["quick", "full"]);
    for ((_, kept), found) in kept.iter().zip([&quick, &full]) {
        let counts =
            [found.counts.equal, found.requests].map(|count| i64::try_from(count).unwrap());
        assert_eq!(kept[..2], counts);
        assert!(kept[2] <= kept[3], "{kept:?}");
    }
    process.close().await;
}

async fn nothing_was_verified_yet(world: &World) {
    let (syncer, process) = world.process().await;
    syncer.ensure_table::<Customer>().await.unwrap();
    assert_eq!(syncer.last_verification::<Customer>().await.unwrap(), None);
    assert_eq!(syncer.verifications::<Customer>(9).await.unwrap(), []);
    let status = syncer.status([Customer::MODEL]).await.remove(0).1.unwrap();
    assert_eq!(status.verified, None);
    assert!(status.to_string().ends_with("no run; never verified"));

    // One that was made before anything was mirrored is kept, too.
    let options = VerifyOptions::default().grace(Duration::ZERO);
    let verified = syncer.verify_with::<Customer>(options).await.unwrap();
    let last = syncer.last_verification::<Customer>().await.unwrap();
    assert_eq!(last, Some(verified));
    process.close().await;
}

async fn two_processes_verify_once(world: &World) {
    let (one, two) = (world.process().await, world.process().await);
    let gate = Arc::new(Gate {
        begun: Notify::new(),
        open: Semaphore::new(0),
    });
    let first = Syncer::builder(world.fake.stripe().unwrap(), one.1.store());
    let first = first.state(gate.clone()).build();
    let second = two.0;
    second.ensure_table::<Held>().await.unwrap();
    second.sync_all::<Held>().await.unwrap();
    world.fake.reset_requests();

    let first = tokio::spawn(async move { first.verify::<Held>().await });
    gate.begun.notified().await;
    let waits = Arc::new(Notify::new());
    let subscriber = tracing_subscriber::registry().with(Waits(waits.clone()));
    let verifying = async move { second.verify::<Held>().await };
    let verifying = tokio::spawn(verifying.with_subscriber(subscriber));
    waits.notified().await;
    gate.open.add_permits(1);

    let made = first.await.unwrap().unwrap();
    let waited = verifying.await.unwrap().unwrap();
    assert!(made.is_equal(), "{made}");
    assert_eq!(made.counts.equal, 12, "{made}");
    assert!(!made.by_another, "{made}");
    assert!(waited.by_another, "{waited}");
    assert_eq!(
        (waited.counts, waited.requests),
        (made.counts, made.requests)
    );
    let counts = world.fake.request_counts();
    let lists = counts
        .iter()
        .filter(|(request, _)| request.ends_with("/v1/customers"));
    assert_eq!(
        lists.map(|(_, count)| count).sum::<usize>(),
        1,
        "{counts:?}"
    );
    one.1.close().await;
    two.1.close().await;
}
