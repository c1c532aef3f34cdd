//! Runs that overlap, are cancelled and are overtaken, while objects change: at the end the table equals Stripe.
//!
//! Each history has a seed, which a failure prints; `STRIPE_SYNC_SEED=<seed>` runs that one alone.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _, Faults};
use stripe_sync::{DatabaseKind, Json, StripeSync, Syncer, terminal_progress};
use tokio::task::JoinSet;

use super::database::Database;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    email: Option<String>,
    #[stripe(path = metadata.tenant)]
    tenant: Option<String>,
    #[stripe(raw)]
    object: Json<Value>,
}

/// The same with hard deletions.
#[derive(StripeSync)]
#[stripe(object = "coupon", table = "coupons", on_delete = hard)]
struct Coupon {
    id: String,
    name: Option<String>,
    #[stripe(raw)]
    object: Json<Value>,
}

const OBJECTS: usize = 220;
const CHANGES: usize = 120;
const READERS: u64 = 4;
/// Histories of each database and model in CI; more with `STRIPE_SYNC_SEEDS`.
const SEEDS: u64 = 3;

/// Few contents, so that objects go back and forth between them.
fn contents(object: &str, rng: &mut Rng) -> Value {
    let word = ["a", "b"][rng.usize(0..2)];
    match object {
        "coupon" => json!({"name": word}),
        _ => json!({"email": format!("{word}@example.com"), "metadata": {"tenant": word}}),
    }
}

fn change(fake: &FakeStripe, object: &str, ids: &[String], rng: &mut Rng) {
    let id = &ids[rng.usize(0..ids.len())];
    let contents = contents(object, rng);
    match rng.u8(0..8) {
        0 => drop(fake.delete(id)),
        1 => drop(fake.create(object, contents)),
        _ => drop(fake.update(id, contents)),
    }
}

async fn history<M: StripeSync>(kind: DatabaseKind, seed: u64) {
    println!("{kind:?} {}: STRIPE_SYNC_SEED={seed}", M::MODEL.object());
    let object = M::MODEL.object();
    let fake = FakeStripe::builder()
        .seed(seed)
        .nasty(crate::strange::strange())
        .start()
        .await
        .unwrap();
    let fake = Arc::new(fake);
    let ids = Arc::new(fake.generate(object, OBJECTS).unwrap());
    fake.faults(
        Faults::new(seed)
            .rate_429(0.02)
            .reset(0.02)
            .cut_body(0.02)
            .latency(Duration::ZERO..Duration::from_millis(12))
            .at_most(10),
    );
    let database = Database::create(kind).await;
    let syncer = Syncer::builder(fake.stripe().unwrap(), database.store())
        .progress(terminal_progress())
        .build();
    syncer.ensure_table::<M>().await.unwrap();

    let mut tasks = JoinSet::new();
    // Objects change all the time.
    tasks.spawn({
        let (fake, ids) = (Arc::clone(&fake), Arc::clone(&ids));
        let mut rng = Rng::with_seed(seed);
        async move {
            for _ in 0..CHANGES {
                change(&fake, object, &ids, &mut rng);
                tokio::time::sleep(Duration::from_millis(rng.u64(0..8))).await;
            }
        }
    });
    // Backfills, some of them dropped in the middle.
    tasks.spawn({
        let syncer = syncer.clone();
        let mut rng = Rng::with_seed(seed ^ 0xbacf);
        async move {
            for _ in 0..4 {
                let run = syncer.sync_all::<M>();
                if rng.bool() {
                    let limit = Duration::from_millis(rng.u64(5..150));
                    drop(tokio::time::timeout(limit, run).await);
                } else {
                    run.await.unwrap();
                }
            }
        }
    });
    // Objects are asked for one by one, some requests dropped in the middle.
    for reader in 0..READERS {
        let (syncer, ids) = (syncer.clone(), Arc::clone(&ids));
        let mut rng = Rng::with_seed(seed.wrapping_mul(31).wrapping_add(reader));
        tasks.spawn(async move {
            for _ in 0..15 {
                let some: Vec<String> = (0..rng.usize(1..6))
                    .map(|_| ids[rng.usize(0..ids.len())].clone())
                    .collect();
                let run = syncer.sync_by_ids::<M>(some);
                if rng.u8(0..4) == 0 {
                    let limit = Duration::from_millis(rng.u64(1..30));
                    drop(tokio::time::timeout(limit, run).await);
                } else {
                    let report = run.await.unwrap();
                    assert_eq!(report.failed, 0, "seed {seed}: {report}");
                }
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }

    // After the last change: one more walk, and a read of what no list shows any more.
    let report = syncer.sync_all::<M>().await.unwrap();
    assert_eq!(report.failed, 0, "seed {seed}: {report}");
    let truth: BTreeMap<String, Value> = fake
        .truth(object)
        .into_iter()
        .map(|object| (object["id"].as_str().unwrap().to_owned(), object))
        .collect();
    let rows = database.rows(&M::MODEL.table()).await;
    let gone: Vec<&str> = rows
        .keys()
        .filter(|id| !truth.contains_key(*id))
        .map(String::as_str)
        .collect();
    syncer.sync_by_ids::<M>(gone).await.unwrap();

    let rows = database.rows(&M::MODEL.table()).await;
    assert_eq!(rows.len(), truth.len(), "seed {seed}");
    for (id, object) in &truth {
        assert_eq!(rows.get(id), Some(object), "seed {seed}, {id}");
    }
    database.remove().await;
}

async fn histories(kind: DatabaseKind) {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .map(|value| value.parse::<u64>().expect("a seed is a number"))
    };
    let seeds = match number("STRIPE_SYNC_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("STRIPE_SYNC_SEEDS").unwrap_or(SEEDS),
    };
    for seed in seeds {
        history::<Customer>(kind, seed).await;
        history::<Coupon>(kind, seed).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    histories(DatabaseKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    histories(DatabaseKind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mysql() {
    histories(DatabaseKind::MySql).await;
}

/// A second run of one model takes part in the walk of the first: nothing is read twice, and neither ends before all is read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_run_takes_part_in_the_first() {
    let fake = FakeStripe::builder().seed(1).start().await.unwrap();
    fake.generate("customer", 10).unwrap();
    fake.faults(
        Faults::new(1)
            .latency(Duration::from_secs(2)..Duration::from_millis(2_001))
            .only("/v1/customers"),
    );
    let database = Database::create(DatabaseKind::Sqlite).await;
    let syncer = Syncer::new(fake.stripe().unwrap(), database.store());
    syncer.ensure_table::<Customer>().await.unwrap();
    let first = tokio::spawn({
        let syncer = syncer.clone();
        async move { syncer.sync_all::<Customer>().await }
    });
    while fake.request_counts().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let second = syncer.sync_all::<Customer>().await.unwrap();
    let first = first.await.unwrap().unwrap();
    assert!(second.resumed && !first.resumed);
    assert_eq!((first.inserted, second.seen), (10, 0));
    database.remove().await;
}
