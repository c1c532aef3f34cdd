//! Random histories: an account that changes, deliveries in any order, twice, stale, late, lost and forged, backfills at the
//! same time, and two worker processes that are killed; then the tables equal Stripe, each handler's effect inside the
//! transaction happened once, and each handler after it was told. Half of the histories take events' own copies.
//! Another resource tries the customers' table, and in some histories the bookkeeping is lost on the way, with the inbox:
//! then the handlers begin anew, and so do the runs.
//!
//! Each history has a seed. `STRIPE_SYNC_SEEDS=<n>` runs the first n of them, `STRIPE_SYNC_SEED=<seed>` one alone.

pub(crate) mod changes;
pub(crate) mod parents;
mod slow;
mod troubles;
pub(crate) mod truth;
pub(crate) mod workers;

use std::time::{Duration, Instant};

use fastrand::Rng;
use serde_json::{Value, json};
use stripe_sync::live::{EventFilter, EventState, Live};
use stripe_sync::testing::{Delivery, FakeStripeExt as _, Faults};
use stripe_sync::{DatabaseKind, Json, StoreError, StripeSync, SyncError, Syncer};
use tokio::task::JoinHandle;

use super::child::{self, Order};
use super::filters::{Active, Gold, Hard};
use super::service::{Coupon, Customer, Service, Subscription, URL, chrono_now, deliver};
use changes::{change, prepare};
use slow::{end_slow_reads, go_at_last, leave_at_last, slow_read};
use troubles::{Delivered, Troubles};
use truth::Listed;
use workers::{Worker, let_claims_end, let_walks_end, of_version};

/// Histories of each database in CI.
const SEEDS: u64 = 8;
/// A history that has not come to rest by then hangs.
const LONGEST: Duration = Duration::from_secs(60);
/// A worker has a claim for so long when it reads once more what it did not find, after two seconds; it keeps it meanwhile.
const LONGEST_READ: Duration = Duration::from_secs(5);

/// A struct that was copied, and kept the table of what it was copied from.
#[derive(StripeSync)]
#[stripe(object = "product", table = "customers")]
struct Copied {
    id: String,
    #[stripe(raw)]
    object: Json<Value>,
}

/// Sends some of what is on its way; the rest goes on waiting.
async fn send(live: &Live, waiting: &mut Vec<Delivery>, delivered: &Delivered, rng: &mut Rng) {
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
        let mut known = delivered.lock().unwrap();
        known.insert(delivery.event_id.clone());
        delivery.succeeded();
    }
}

/// Reads of customers and subscriptions besides those of the workers. One that the faults end has written a part.
fn backfill(service: &Service, rng: &mut Rng) -> JoinHandle<()> {
    let syncer = service.syncer.clone();
    let customers = service.fake.ids("customer");
    let subscriptions = service.fake.ids("subscription");
    let how = rng.u8(0..7);
    tokio::spawn(async move {
        match how {
            0 => drop(syncer.sync_all::<Customer>().await),
            1 => drop(syncer.sync_by_ids::<Customer>(customers).await),
            2 => drop(syncer.sync_all::<Active>().await),
            3 => drop(syncer.sync_by_ids::<Active>(subscriptions).await),
            4 => drop(syncer.sync_all::<Hard>().await),
            5 => drop(parents::sync_all(&syncer).await),
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
        error.root(),
        // Stripe's faults may come first.
        SyncError::Store(StoreError::WrongResource { .. }) | SyncError::Stripe(_)
    );
    assert!(refused, "{error:?}");
}

/// The secret of a new destination of thin events besides the endpoint of snapshots.
fn thin(service: &Service) -> String {
    let destination = service.fake.webhook_endpoint(URL).events(["*"]).thin();
    destination.create().unwrap().secret
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
    let live = child::builder(order, &service.database.pool)
        .build()
        .unwrap();
    let began = Instant::now();
    loop {
        let all = async {
            live.catch_up().await?;
            service.syncer.sync_all::<Customer>().await?;
            service.syncer.sync_all::<Coupon>().await?;
            service.syncer.sync_all::<Subscription>().await?;
            service.syncer.sync_all::<Active>().await?;
            service.syncer.sync_all::<Hard>().await?;
            parents::sync_all(&service.syncer).await?;
            service.syncer.sync_all::<Gold>().await
        };
        match all.await {
            Ok(_) => return live,
            Err(error) => assert!(began.elapsed() < LONGEST, "{error:?}"),
        }
    }
}

async fn history(kind: DatabaseKind, seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let mut troubles = Troubles::of(&mut rng);
    let delivered = Delivered::default();
    println!("{troubles:?}");
    let mut service = Service::start_strange(kind).await;
    service.fake.generate("product", 3).unwrap();
    prepare(&service);
    child::make_tables(&service.database.pool).await;
    service.syncer.ensure_table::<Active>().await.unwrap();
    service.syncer.ensure_table::<Hard>().await.unwrap();
    service.syncer.ensure_table::<Gold>().await.unwrap();
    parents::make_tables(&service).await;
    let order = Order {
        stripe: service.fake.base_url(),
        key: service.fake.secret_key().to_owned(),
        secret: service.endpoint.secret.clone(),
        database: child::place(&service.database.pool),
        copies: seed % 2 == 1,
        thin: troubles.both_forms.then(|| thin(&service)),
        follows_thin: troubles.both_forms && troubles.follows_thin,
        is_old: false,
        soak: None,
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
    let mut live = child::builder(&order, &service.database.pool)
        .build()
        .unwrap();
    live.catch_up().await.unwrap();
    let loss = (rng.u8(0..3) == 0).then(|| rng.usize(0..4));
    let faults = Faults::new(seed)
        .rate_500(0.05)
        .reset(0.05)
        .latency(Duration::ZERO..Duration::from_millis(5));
    service.fake.faults(faults);
    troubles.begin(&service, &delivered, loss.is_some());
    let mut workers = vec![
        Worker::start(&of_version(&order, troubles.rollout)),
        Worker::start(&order),
    ];
    let (mut waiting, mut slow) = (Vec::new(), Vec::new());
    let mut backfills = Vec::<JoinHandle<()>>::new();
    let mut gold = Listed::now(&service);
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
            service.fake.clear_answers();
            troubles.right_date(&service);
            live = lose(&mut service, &order).await;
            gold = Listed::now(&service);
            let first = of_version(&order, troubles.rollout && rng.bool());
            workers.extend([Worker::start(&first), Worker::start(&order)]);
            println!("seed {seed} lost its bookkeeping in round {round}");
        }
        troubles.another_date(&service, &mut rng);
        if rng.u8(0..3) == 0 {
            backfills.push(backfill(&service, &mut rng));
        }
        for _ in 0..rng.usize(1..12) {
            if rng.u8(0..8) == 0 {
                troubles.wrong_answer(&service, &mut rng);
            }
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
        send(&live, &mut waiting, &delivered, &mut rng).await;
        if rng.u8(0..3) == 0 {
            end_slow_reads(&service, &mut slow).await;
        }
        if rng.u8(0..3) == 0 {
            // What a process of the version before has listed is listed again by the other one within ten minutes.
            let second = [1, 40, if troubles.rollout { 40 } else { 700 }][rng.usize(0..3)];
            // A clock that is behind goes on too.
            troubles.right_date(&service);
            service.fake.advance(Duration::from_secs(second));
        }
        if rng.u8(0..3) == 0 {
            tokio::time::sleep(Duration::from_millis(rng.u64(0..150))).await;
            // At any time one of them is of this version.
            let which = match troubles.rollout {
                true => 0,
                false => rng.usize(0..2),
            };
            workers.remove(which).kill().await;
            let_claims_end(&service).await;
            if troubles.wrong_dates {
                let_walks_end(&service).await;
            }
            let is_old = troubles.rollout && rng.bool();
            workers.insert(0, Worker::start(&of_version(&order, is_old)));
        }
    }
    for backfill in backfills {
        backfill.await.unwrap();
    }
    service.fake.faults(None);
    service.fake.clear_answers();
    troubles.right_date(&service);
    if troubles.rollout {
        // The last one of the version before goes.
        workers.remove(0).kill().await;
        let_claims_end(&service).await;
        let_walks_end(&service).await;
        workers.insert(0, Worker::start(&order));
    }
    rest(&service, &live).await;
    leave_at_last(&service, &mut slow, &mut rng).await;
    go_at_last(&service, &mut slow).await;
    rest(&service, &live).await;
    // All deliveries are lost: the list has what happened since it was followed last.
    service.fake.advance(Duration::from_secs(50));
    for _ in 0..rng.usize(1..6) {
        change(&service, &mut rng);
    }
    drop(service.fake.take_deliveries());
    rest(&service, &live).await;
    end_slow_reads(&service, &mut slow).await;
    for worker in workers {
        worker.kill().await;
    }
    truth::check(&service, &live, &order, gold).await;
    service.end().await;
}

/// Waits until everything is processed and told.
async fn rest(service: &Service, live: &Live) {
    let began = Instant::now();
    let_claims_end(service).await;
    let mut ended = Instant::now();
    loop {
        if let Err(error) = live.catch_up().await {
            // After a gap every process mirrors anew, and one of them may begin once more what another one is at.
            // Where the last events of pages are forgotten, a call may lose its place so often that it ends; the next one begins at
            // the same place.
            let in_the_way = matches!(
                error.root(),
                SyncError::Store(StoreError::LeaseLost { .. } | StoreError::WalkRunning { .. })
                    | SyncError::CursorLost { .. }
            );
            assert!(in_the_way && began.elapsed() < LONGEST, "{error:?}");
            tokio::time::sleep(Duration::from_millis(300)).await;
            continue;
        }
        let waiting = service
            .number("SELECT COUNT(*) FROM stripe_sync_work")
            .await
            + service
                .number("SELECT COUNT(*) FROM stripe_sync_outbox")
                .await;
        if waiting == 0 {
            return;
        }
        if began.elapsed() >= LONGEST {
            let pending = EventFilter::new().state(EventState::Pending);
            let pending = live.events(&pending).await.unwrap();
            panic!("{waiting} are still waiting: {pending:?}");
        }
        if ended.elapsed() >= LONGEST_READ {
            let_claims_end(service).await;
            ended = Instant::now();
        }
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
