//! Random histories: an account that changes, deliveries in any order, twice, stale, late, lost and forged, backfills at the
//! same time, and two worker processes that are killed; then the tables equal Stripe, each handler's effect inside the
//! transaction happened once, and each handler after it was told. Half of the histories take events' own copies.
//! Another resource tries the customers' table, and in some histories the bookkeeping is lost on the way, with the inbox:
//! then the handlers begin anew, and so do the runs.
//!
//! Each history has a seed. `STRIPE_SYNC_SEEDS=<n>` runs the first n of them, `STRIPE_SYNC_SEED=<seed>` one alone.

mod slow;
mod truth;

use std::time::{Duration, Instant};

use fastrand::Rng;
use serde_json::{Value, json};
use stripe_sync::live::Live;
use stripe_sync::testing::{Delivery, Faults};
use stripe_sync::{DatabaseKind, Json, StoreError, StripeSync, SyncError, Syncer};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::child::{self, Order};
use super::filters::{Active, Gold, Hard};
use super::process::{End, Process};
use super::service::{Coupon, Customer, Service, Subscription, chrono_now, deliver};
use slow::{end_slow_reads, leave_at_last, slow_read};
use truth::gold_prices;

/// Histories of each database in CI.
const SEEDS: u64 = 8;
/// A history that has not come to rest by then hangs.
const LONGEST: Duration = Duration::from_secs(60);

/// A struct that was copied, and kept the table of what it was copied from.
#[derive(StripeSync)]
#[stripe(object = "product", table = "customers")]
struct Copied {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

/// A worker process, and how to kill it.
struct Worker {
    kill: oneshot::Sender<()>,
    end: JoinHandle<End>,
}

impl Worker {
    fn start(order: &Order) -> Self {
        let (kill, killed) = oneshot::channel::<()>();
        let process = Process::start(order);
        let end = tokio::spawn(async move { process.end(async { drop(killed.await) }).await });
        Self { kill, end }
    }

    async fn kill(self) {
        // A worker that ended by itself is told of below.
        let _ = self.kill.send(());
        match self.end.await.unwrap() {
            End::Killed => {}
            End::Success(output) | End::Failed(output) => {
                panic!("a worker ended by itself: {output}")
            }
        }
    }
}

/// One change at Stripe.
fn change(service: &Service, rng: &mut Rng) {
    let object = [
        "customer",
        "coupon",
        "subscription",
        "subscription",
        "price",
    ][rng.usize(0..5)];
    let ids = service.fake.ids(object);
    let name = json!({"name": rng.choice(["a", "b", "c"])});
    let metadata = json!({"metadata": {"word": rng.choice(["a", "b"])}});
    let chosen = rng.choice(&ids);
    match (object, rng.u8(0..8), chosen) {
        ("subscription", 0..=2, _) | ("subscription", _, None) => {
            let customers = service.fake.ids("customer");
            if let Some(customer) = rng.choice(&customers) {
                let of = json!({"customer": customer});
                service.fake.create("subscription", of).unwrap();
            }
        }
        ("subscription", 3, Some(id)) => drop(service.fake.cancel_subscription(id).unwrap()),
        ("subscription", 4..=6, Some(id)) => {
            // In and out of the filter, and back again within one second.
            for _ in 0..rng.usize(1..3) {
                let status = rng.choice(["active", "past_due"]);
                let status = json!({"status": status});
                service.fake.update(id, status).unwrap();
            }
        }
        ("price", 0..=1, _) | ("price", _, None) => {
            let key = rng.choice(["gold", "silver"]);
            let new = json!({"lookup_key": key, "active": true});
            service.fake.create("price", new).unwrap();
        }
        ("price", 2..=4, Some(id)) => {
            let key = json!({"lookup_key": rng.choice(["gold", "silver"])});
            service.fake.update(id, key).unwrap();
        }
        ("price", _, Some(id)) => {
            let nickname = json!({"nickname": rng.choice(["a", "b"])});
            service.fake.update(id, nickname).unwrap();
        }
        (_, 0..=1, _) | (_, _, None) => drop(service.fake.create(object, name).unwrap()),
        ("customer" | "coupon", 2, Some(id)) => drop(service.fake.delete(id).unwrap()),
        ("subscription", _, Some(id)) => drop(service.fake.update(id, metadata).unwrap()),
        (_, 3, Some(id)) => {
            // There and back again within one second.
            service.fake.update(id, json!({"name": "x"})).unwrap();
            service.fake.update(id, name).unwrap();
        }
        (_, _, Some(id)) => drop(service.fake.update(id, name).unwrap()),
    }
}

/// Sends some of what is on its way; the rest goes on waiting.
async fn send(live: &Live, waiting: &mut Vec<Delivery>, rng: &mut Rng) {
    rng.shuffle(waiting);
    for _ in 0..rng.usize(0..=waiting.len()) {
        let Some(delivery) = waiting.pop() else { break };
        match rng.u8(0..10) {
            // Lost: the catch-up finds it.
            0 => continue,
            1 | 2 => waiting.push(delivery.clone()),
            3 => {
                let mut forged = delivery.clone();
                let mut event = forged.event();
                event["id"] = "evt_forged".into();
                let headers = forged.headers(chrono_now());
                forged.body = event.to_string().into();
                let headers = headers.into_iter().map(|(name, value)| {
                    let name: http::HeaderName = name.parse().unwrap();
                    (name, http::HeaderValue::from_str(&value).unwrap())
                });
                let answer = live.receive(&headers.collect(), forged.body.clone()).await;
                assert_eq!(answer.status().as_u16(), 400, "a forged delivery");
            }
            _ => {}
        }
        assert_eq!(deliver(live, &delivery).await, 200);
        delivery.succeeded();
    }
}

/// Reads of customers and subscriptions besides those of the workers. One that the faults end has written a part.
fn backfill(service: &Service, rng: &mut Rng) -> JoinHandle<()> {
    let syncer = service.syncer.clone();
    let customers = service.fake.ids("customer");
    let subscriptions = service.fake.ids("subscription");
    let how = rng.u8(0..6);
    tokio::spawn(async move {
        match how {
            0 => drop(syncer.sync_all::<Customer>().await),
            1 => drop(syncer.sync_by_ids::<Customer>(customers).await),
            2 => drop(syncer.sync_all::<Active>().await),
            3 => drop(syncer.sync_by_ids::<Active>(subscriptions).await),
            4 => drop(syncer.sync_all::<Hard>().await),
            _ => drop(syncer.sync_by_ids::<Hard>(subscriptions).await),
        }
    })
}

/// Another resource tries the customers' table, if that has an owner.
async fn intrude(service: &Service) {
    let rows = service.number("SELECT COUNT(*) FROM customers").await;
    if rows == 0 || !service.database.is_bound("customers").await {
        return;
    }
    let error = syncer(service).sync_all::<Copied>().await.unwrap_err();
    let refused = matches!(
        error.reason(),
        // Stripe's faults may come first.
        SyncError::Store(StoreError::WrongResource { .. }) | SyncError::Stripe(_)
    );
    assert!(refused, "{error:?}");
}

/// A syncer that has seen nothing yet.
fn syncer(service: &Service) -> Syncer {
    Syncer::new(service.fake.stripe().unwrap(), service.database.store())
}

/// Loses all that stripe-sync knows, while nobody is at work, and mirrors anew. What the handlers did is forgotten with
/// the inbox: events of the last minutes come to them again.
async fn lose(service: &mut Service, order: &Order) -> Live {
    // First: it waits for what a killed worker had sent, which may still be committed.
    service.database.lose_bookkeeping().await;
    for table in ["effects", "told"] {
        service.run(&format!("DELETE FROM {table}")).await;
    }
    service.syncer = syncer(service);
    let live = child::builder(order, &service.database.pool).build();
    let began = Instant::now();
    loop {
        let all = async {
            live.catch_up().await?;
            service.syncer.sync_all::<Customer>().await?;
            service.syncer.sync_all::<Coupon>().await?;
            service.syncer.sync_all::<Subscription>().await?;
            service.syncer.sync_all::<Active>().await?;
            service.syncer.sync_all::<Hard>().await?;
            service.syncer.sync_all::<Gold>().await
        };
        match all.await {
            Ok(_) => return live,
            Err(error) => assert!(began.elapsed() < LONGEST, "{error:?}"),
        }
    }
}

/// Lets the claims of killed workers end, as if their time had passed.
async fn let_claims_end(service: &Service) {
    for table in ["stripe_sync_work", "stripe_sync_outbox"] {
        let sql = format!("UPDATE {table} SET expires_at = 0, due_at = 0");
        service.run(&sql).await;
    }
}

async fn history(kind: DatabaseKind, seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let mut service = Service::start(kind).await;
    service.fake.generate("product", 3).unwrap();
    child::make_tables(&service.database.pool).await;
    service.syncer.ensure_table::<Active>().await.unwrap();
    service.syncer.ensure_table::<Hard>().await.unwrap();
    service.syncer.ensure_table::<Gold>().await.unwrap();
    let order = Order {
        stripe: service.fake.base_url(),
        key: service.fake.secret_key().to_owned(),
        secret: service.endpoint.secret.clone(),
        database: child::place(&service.database.pool),
        copies: seed % 2 == 1,
    };
    if order.copies {
        // An old event's copy is not taken, nor is one of another second than this one's.
        service.fake.set_now(chrono_now() - 250);
    }
    for number in 0..3 {
        let new = json!({"id": format!("price_{number}"), "lookup_key": "gold", "active": true});
        service.fake.create("price", new).unwrap();
    }
    service.syncer.sync_all::<Gold>().await.unwrap();
    // Receives, and leaves the work to the workers.
    let mut live = child::builder(&order, &service.database.pool).build();
    live.catch_up().await.unwrap();
    let loss = (rng.u8(0..3) == 0).then(|| rng.usize(0..4));
    let faults = Faults::new(seed)
        .with_rate_500(0.05)
        .with_reset(0.05)
        .with_latency(Duration::ZERO..Duration::from_millis(5));
    service.fake.faults(faults);
    let mut workers = vec![Worker::start(&order), Worker::start(&order)];
    let (mut waiting, mut slow) = (Vec::new(), Vec::new());
    let mut backfills = Vec::<JoinHandle<()>>::new();
    let mut gold: Vec<String> = gold_prices(&service).into_keys().collect();
    for round in 0..rng.usize(4..10) {
        if rng.u8(0..3) == 0 {
            intrude(&service).await;
        }
        if loss == Some(round) {
            for backfill in backfills.drain(..) {
                backfill.await.unwrap();
            }
            for worker in workers.drain(..) {
                worker.kill().await;
            }
            // They began with tokens of the clock that is lost.
            slow.clear();
            live = lose(&mut service, &order).await;
            gold = gold_prices(&service).into_keys().collect();
            workers.extend([Worker::start(&order), Worker::start(&order)]);
            println!("seed {seed} lost its bookkeeping in round {round}");
        }
        if rng.u8(0..3) == 0 {
            backfills.push(backfill(&service, &mut rng));
        }
        for _ in 0..rng.usize(1..12) {
            change(&service, &mut rng);
            if rng.u8(0..3) == 0 {
                let ids = service.fake.ids("subscription");
                slow_read(&service, rng.choice(&ids), &mut slow).await;
            }
            if order.copies && rng.bool() {
                service.fake.advance(Duration::from_secs(1));
            }
        }
        waiting.extend(service.fake.take_deliveries());
        send(&live, &mut waiting, &mut rng).await;
        if rng.u8(0..3) == 0 {
            end_slow_reads(&service, &mut slow).await;
        }
        if rng.u8(0..3) == 0 {
            let second = [1, 40, 700][rng.usize(0..3)];
            service.fake.advance(Duration::from_secs(second));
        }
        if rng.u8(0..3) == 0 {
            tokio::time::sleep(Duration::from_millis(rng.u64(0..150))).await;
            workers.remove(rng.usize(0..2)).kill().await;
            let_claims_end(&service).await;
            workers.push(Worker::start(&order));
        }
    }
    for backfill in backfills {
        backfill.await.unwrap();
    }
    service.fake.faults(None);
    rest(&service, &live).await;
    leave_at_last(&service, &mut slow, &mut rng).await;
    rest(&service, &live).await;
    end_slow_reads(&service, &mut slow).await;
    for worker in workers {
        worker.kill().await;
    }
    truth::check(&service, &live, &gold).await;
    service.end().await;
}

/// Waits until everything is processed and told.
async fn rest(service: &Service, live: &Live) {
    let began = Instant::now();
    loop {
        live.catch_up().await.unwrap();
        let waiting = service
            .number("SELECT COUNT(*) FROM stripe_sync_work")
            .await
            + service
                .number("SELECT COUNT(*) FROM stripe_sync_outbox")
                .await;
        if waiting == 0 {
            return;
        }
        assert!(began.elapsed() < LONGEST, "{waiting} are still waiting");
        let_claims_end(service).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

async fn histories(kind: DatabaseKind, name: &str) {
    let number = |name: &str| {
        let value = std::env::var(name).ok()?;
        Some(value.parse::<u64>().expect("a seed is a number"))
    };
    let seeds = match number("STRIPE_SYNC_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("STRIPE_SYNC_SEEDS").unwrap_or(SEEDS),
    };
    for seed in seeds {
        println!(
            "seed {seed}; again: STRIPE_SYNC_SEED={seed} cargo test -p stripe-sync-tests --test live \
             histories::{name} -- --exact --nocapture"
        );
        history(kind, seed).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    histories(DatabaseKind::Sqlite, "sqlite").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    histories(DatabaseKind::Postgres, "postgres").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mysql() {
    histories(DatabaseKind::MySql, "mysql").await;
}
