use std::sync::{Arc, Mutex};

use chrono::NaiveTime;

use super::*;
use crate::StripeSync;
use crate::calls::lock;
use crate::live::{Alarm, AlarmUpdate};
use crate::testing::{FakeStripe, FakeStripeExt as _};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", crate = crate)]
struct Customer {
    #[allow(dead_code, reason = "only its place matters")]
    id: String,
}

#[derive(StripeSync)]
#[stripe(object = "product", table = "products", crate = crate)]
struct Product {
    #[allow(dead_code, reason = "only its place matters")]
    id: String,
}

/// A database in memory, which is that of one connection.
async fn in_memory() -> sqlx::SqlitePool {
    let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    pool.connect("sqlite::memory:").await.unwrap()
}

/// Two processes of one database, which were begun before the last night came.
struct Processes {
    _fake: FakeStripe,
    lives: [Live; 2],
    begun: DateTime<Utc>,
    night: DateTime<Utc>,
    told: Arc<Mutex<Vec<String>>>,
}

impl Processes {
    async fn start() -> Self {
        let fake = FakeStripe::builder().start().await.unwrap();
        let pool = in_memory().await;
        let told = Arc::<Mutex<Vec<String>>>::default();
        // An hour ago.
        let night = DateTime::from_timestamp(Utc::now().timestamp() - 3_600, 0).unwrap();
        let lives = [(); 2].map(|()| {
            let told = Arc::clone(&told);
            let on_alarm = move |update: &AlarmUpdate| {
                let told_now = format!("{} {}", update.alarm.key(), update.state);
                lock(&told).push(told_now);
            };
            Live::builder(Syncer::new(fake.stripe().unwrap(), &pool))
                .model::<Customer>()
                .model::<Product>()
                .verify_nightly(night.time())
                .on_alarm(on_alarm)
                .build()
                .unwrap()
        });
        Self {
            _fake: fake,
            lives,
            begun: night - TimeDelta::hours(1),
            night,
            told,
        }
    }

    /// Lets a process look whether the night has come. Returns the models that were verified, and since when it was
    /// asked for.
    async fn look(&self, process: usize, differing: u64) -> Vec<(&'static str, DateTime<Utc>)> {
        let asked = Mutex::default();
        let verify = |syncer: Syncer, model: &'static Model, options, not_before| {
            lock::<Vec<_>>(&asked).push((model.name(), not_before));
            Box::pin(async move {
                if model.is(Product::MODEL) {
                    return Err(SyncError::NotMirrored {
                        model: model.name(),
                    });
                }
                let table = syncer.store().place(model).name.clone();
                let mut found = Verification::new(model, table, &options, Utc::now());
                found.counts.differing = differing;
                Ok(found)
            }) as BoxFuture<'static, _>
        };
        let live = &self.lives[process];
        live.verify_if_night_with(self.begun, verify).await.unwrap();
        asked.into_inner().unwrap()
    }

    fn told(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.told))
    }

    /// The night of another day is the one that was verified last.
    async fn verified(&self, night: DateTime<Utc>) {
        let live = &self.lives[0];
        let own = live.prepare().await.unwrap();
        let (store, moment) = (live.store(), night.timestamp());
        store
            .set_cursor(&own, Cursor::Verified, moment, true)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_night_is_verified_in_one_process_of_all() {
    let processes = Processes::start().await;
    let both = [("Customer", processes.night), ("Product", processes.night)];
    assert_eq!(processes.look(0, 0).await, both);
    assert_eq!(processes.look(0, 0).await, []);
    assert_eq!(processes.look(1, 0).await, []);
    assert_eq!(processes.told(), [""; 0]);
    // The next one.
    processes
        .verified(processes.night - TimeDelta::days(1))
        .await;
    assert_eq!(processes.look(1, 0).await, both);
    assert_eq!(processes.look(0, 0).await, []);
}

#[tokio::test]
async fn drift_is_told_once_and_when_it_is_over() {
    let processes = Processes::start().await;
    let live = &processes.lives[0];
    processes.look(0, 2).await;
    assert_eq!(processes.told(), ["drift customers raised"]);
    let alarms = live.check_alarms().await.unwrap();
    let [Alarm::Drift { model, counts, .. }] = &alarms[..] else {
        panic!("expected drift, got {alarms:?}");
    };
    assert_eq!((model.as_str(), counts.differing), ("Customer", 2));
    let health = live.health().await.unwrap();
    assert_eq!(health.drift["customers"], 2);
    assert!(health.since_verified.is_some() && health.alarms == alarms);
    assert_eq!(processes.told(), [""; 0]);
    processes
        .verified(processes.night - TimeDelta::days(1))
        .await;
    processes.look(0, 0).await;
    assert_eq!(processes.told(), ["drift customers cleared"]);
    assert_eq!(live.health().await.unwrap().drift["customers"], 0);
}

#[tokio::test]
async fn a_night_that_is_not_wanted_does_not_come() {
    let processes = Processes::start().await;
    let pool = in_memory().await;
    let syncer = processes.lives[0].shared.syncer.clone();
    let other = Syncer::new(syncer.stripe().clone(), &pool);
    let live = Live::builder(other).build().unwrap();
    assert_eq!(live.until_night(), None);
    live.verify_if_night(processes.begun).await.unwrap();
    let (next, wait) = (
        Utc::now() + TimeDelta::hours(1),
        LOOK_EVERY.to_std().unwrap(),
    );
    for (at, expected) in [(next.time(), wait), (NaiveTime::MIN, wait)] {
        let live = Live::builder(syncer.clone()).verify_nightly(at).build();
        assert!(live.unwrap().until_night().unwrap() <= expected);
    }
}
