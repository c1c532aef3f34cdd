//! A soak: two processes that receive, work and catch up for a while, and everything that they stand on goes wrong at random. Their
//! line to the database falls silent, is cut and is slow, or somebody else locks the file; handlers panic, hang and fail; Stripe hangs,
//! refuses and answers garbage; events come in floods, twice, late or not at all; and the processes are killed. Then the troubles
//! end, and all comes to rest: the tables equal Stripe, each handler's effect inside the transaction happened once, each handler
//! after it was told, and nothing waits.
//!
//! `STRIPE_SYNC_SOAK=<seconds>` says how long it lasts, `STRIPE_SYNC_SEED=<seed>` what is drawn.

pub(crate) mod application;
mod line;
mod postman;
mod rest;
mod weather;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use fastrand::Rng;
use serde_json::json;
use stripe_sync::DatabaseKind;
use stripe_sync::live::Live;
use stripe_sync::reexport::chrono::Utc;
use tokio::time::timeout;

use super::child::{self, Order};
use super::filters::{Active, Gold, Hard};
use super::histories::changes::{change, prepare};
use super::histories::parents;
use super::histories::truth::{self, Listed};
use super::histories::workers::Worker;
use super::service::{Service, chrono_now};
use application::Application;
use line::Line;
use postman::Postman;
use rest::LONGEST;

/// How long it lasts in CI, in seconds.
const SECONDS: u64 = 20;
/// No process lives for so long.
const LIFE: Duration = Duration::from_secs(24 * 3_600);
/// How many objects and messages may wait before nothing more happens at Stripe. It bounds what is left at the end on a slow machine.
const BACKLOG: i64 = 400;
/// How long a process lives that dies young, and one that does not, in milliseconds.
const SHORT_LIFE: std::ops::Range<u64> = 100..8_000;
const LONG_LIFE: std::ops::Range<u64> = 8_000..90_000;
/// The longest step, in milliseconds.
const STEP: u64 = 120;
/// Changes in a flood.
const FLOOD: std::ops::Range<usize> = 40..150;

/// Whether something happens in this step that happens in one of so many.
fn once_in(steps: u32, rng: &mut Rng) -> bool {
    rng.u32(0..steps) == 0
}

/// A soak while it lasts.
struct Soak {
    service: Service,
    line: Line,
    postman: Postman,
    order: Order,
    workers: [Option<Worker>; 2],
    /// When they are killed next.
    deaths: [Instant; 2],
    ports: [PathBuf; 2],
    rng: Rng,
    done: Done,
}

/// What was done, besides what others count.
#[derive(Debug, Clone, Copy, Default)]
#[allow(dead_code, reason = "it is printed")]
struct Done {
    kills: usize,
    spells: usize,
    garbled: usize,
    floods: usize,
}

impl Soak {
    async fn begin(kind: DatabaseKind, seed: u64, lasts: Duration) -> (Self, Live, Listed) {
        let mut rng = Rng::with_seed(seed);
        let service = Service::start_strange(kind).await;
        service.fake.set_now(chrono_now());
        prepare(&service);
        child::make_tables(&service.database.pool).await;
        service.syncer.ensure_table::<Active>().await.unwrap();
        service.syncer.ensure_table::<Hard>().await.unwrap();
        service.syncer.ensure_table::<Gold>().await.unwrap();
        parents::make_tables(&service).await;
        for number in 0..3 {
            let new =
                json!({"id": format!("price_{number}"), "lookup_key": "gold", "active": true});
            service.fake.create("price", new).unwrap();
        }
        service.syncer.sync_all::<Gold>().await.unwrap();
        let line = Line::to(&service.database.pool).await;
        let file =
            |name: &str| std::env::temp_dir().join(format!("{}.{name}", service.database.name()));
        let ports = [file("first"), file("second")];
        let order = Order {
            stripe: service.fake.base_url(),
            key: service.fake.secret_key().to_owned(),
            secret: service.endpoint.secret.clone(),
            database: child::place(&service.database.pool),
            copies: rng.bool(),
            thin: None,
            follows_thin: false,
            is_old: false,
            soak: None,
        };
        // Nobody works with it: it looks.
        let live = child::builder(&order, &service.database.pool)
            .build()
            .unwrap();
        live.catch_up().await.unwrap();
        let gold = Listed::now(&service);
        let application = Application {
            seed: 0,
            until: Utc::now().timestamp_millis() + i64::try_from(lasts.as_millis()).unwrap(),
            port: PathBuf::new(),
            diary: file("diary"),
        };
        let order = Order {
            database: line.place(),
            soak: Some(application),
            ..order
        };
        let soak = Self {
            postman: Postman::new(ports.to_vec()),
            workers: [None, None],
            deaths: [Instant::now(); 2],
            service,
            line,
            order,
            ports,
            rng,
            done: Done::default(),
        };
        (soak, live, gold)
    }

    fn start(&mut self, which: usize) {
        let mut order = self.order.clone();
        if let Some(application) = &mut order.soak {
            application.seed = self.rng.u64(..);
            application.port.clone_from(&self.ports[which]);
        }
        self.workers[which] = Some(Worker::start_for(LIFE, &order));
        // Some die at once, and some live long enough for what a process keeps to grow old.
        let life = match self.rng.bool() {
            true => self.rng.u64(SHORT_LIFE),
            false => self.rng.u64(LONG_LIFE),
        };
        self.deaths[which] = Instant::now() + Duration::from_millis(life);
    }

    async fn kill(&mut self, which: usize) {
        if let Some(worker) = self.workers[which].take() {
            worker.kill().await;
            // Its port may be somebody else's by now.
            fs::remove_file(&self.ports[which]).ok();
            self.done.kills += 1;
        }
    }

    /// One step of the time in which things go wrong.
    async fn step(&mut self) {
        self.service.fake.set_now(chrono_now());
        for which in 0..self.workers.len() {
            if self.workers[which].is_none() {
                if once_in(8, &mut self.rng) {
                    self.start(which);
                }
            } else if self.deaths[which] <= Instant::now() {
                self.kill(which).await;
            }
        }
        if once_in(300, &mut self.rng) {
            for which in 0..self.workers.len() {
                self.kill(which).await;
            }
        }
        if once_in(25, &mut self.rng) {
            self.line.strike(&mut self.rng);
        }
        if once_in(20, &mut self.rng) {
            self.done.spells += 1;
            weather::change(&self.service.fake, &mut self.rng);
        }
        if once_in(6, &mut self.rng) {
            self.done.garbled += 1;
            weather::garble(&self.service, &mut self.rng);
        }
        if once_in(40, &mut self.rng) {
            rest::end_pauses(&self.service).await;
        }
        if rest::waiting(&self.service).await < BACKLOG {
            let changes = match once_in(40, &mut self.rng) {
                true => {
                    self.done.floods += 1;
                    self.rng.usize(FLOOD)
                }
                false => self.rng.usize(0..4),
            };
            for _ in 0..changes {
                change(&self.service, &mut self.rng);
            }
        }
        self.postman.take(self.service.fake.take_deliveries());
        self.postman.send(&mut self.rng);
        tokio::time::sleep(Duration::from_millis(self.rng.u64(0..STEP))).await;
    }
}

async fn soak(kind: DatabaseKind, seed: u64, lasts: Duration) {
    let (mut soak, live, gold) = Soak::begin(kind, seed, lasts).await;
    let ends = Instant::now() + lasts;
    while Instant::now() < ends {
        soak.step().await;
    }
    for which in 0..soak.workers.len() {
        if soak.workers[which].is_none() {
            soak.start(which);
        }
    }
    let Soak {
        service,
        line,
        postman,
        order,
        workers,
        ports,
        mut rng,
        done,
        ..
    } = soak;
    weather::clear_up(&service.fake);
    let struck = line.mend().await;
    let deliveries = timeout(LONGEST, postman.finish(&mut rng)).await;
    let deliveries = deliveries.expect("the last deliveries are taken");
    let events = service.fake.count("event");
    println!("{events} events, {done:?}, {struck}, {deliveries:?}");
    let faults = weather::faults(&service.fake);
    println!("faults of Stripe: {faults:?}");
    let diary = order.soak.as_ref().map(|soak| soak.diary.clone());
    let diary = diary.unwrap_or_default();
    println!("of handlers: {}", application::troubles(&diary));

    let ended = Instant::now();
    rest::come_to_rest(&service, &live, events).await;
    println!("at rest after {} s", ended.elapsed().as_secs());
    for worker in workers.into_iter().flatten() {
        worker.kill().await;
    }
    truth::check(&service, &live, &order, gold).await;
    let unfinished = ports.each_ref().map(|port| application::unfinished(port));
    for file in ports.iter().chain(&unfinished).chain([&diary]) {
        fs::remove_file(file).ok();
    }
    service.end().await;
}

async fn with_variables(kind: DatabaseKind, name: &str) {
    let number = |name: &str| {
        let value = std::env::var(name).ok()?;
        Some(value.parse::<u64>().expect("seeds and seconds are numbers"))
    };
    let seed = number("STRIPE_SYNC_SEED").unwrap_or_default();
    let seconds = number("STRIPE_SYNC_SOAK").unwrap_or(SECONDS);
    println!(
        "seed {seed}; again: STRIPE_SYNC_SEED={seed} STRIPE_SYNC_SOAK={seconds} cargo test -p stripe-sync-tests \
         --test live soak::{name} -- --exact --nocapture"
    );
    soak(kind, seed, Duration::from_secs(seconds)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    with_variables(DatabaseKind::Sqlite, "sqlite").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    with_variables(DatabaseKind::Postgres, "postgres").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mysql() {
    with_variables(DatabaseKind::MySql, "mysql").await;
}
