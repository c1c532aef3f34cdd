use std::sync::Mutex;

use chrono::NaiveTime;

use super::*;
use crate::StripeSync;
use crate::calls::lock;
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
}

impl Processes {
    async fn start() -> Self {
        let fake = FakeStripe::builder().start().await.unwrap();
        let pool = in_memory().await;
        // An hour ago.
        let night = DateTime::from_timestamp(Utc::now().timestamp() - 3_600, 0).unwrap();
        let lives = [(); 2].map(|()| {
            Live::builder(Syncer::new(fake.stripe().unwrap(), &pool))
                .model::<Customer>()
                .model::<Product>()
                .verify_nightly(night.time())
                .build()
                .unwrap()
        });
        Self {
            _fake: fake,
            lives,
            begun: night - TimeDelta::hours(1),
            night,
        }
    }

    /// Lets a process look whether the night has come. Returns the models that were verified, and since when it was
    /// asked for.
    async fn look(&self, process: usize) -> Vec<(&'static str, DateTime<Utc>)> {
        let asked = Mutex::default();
        let verify = |syncer: Syncer, model: &'static Model, options, not_before| {
            lock::<Vec<_>>(&asked).push((model.name(), not_before));
            let stripe = format!("{:?}", syncer.stripe());
            assert!(stripe.contains("leftover: true"), "{stripe}");
            Box::pin(async move {
                if model.is(Customer::MODEL) {
                    return Err(SyncError::NotMirrored {
                        model: model.name(),
                    });
                }
                let table = syncer.store().place(model).name.clone();
                Ok(Verification::new(model, table, &options, Utc::now()))
            }) as BoxFuture<'static, _>
        };
        let live = &self.lives[process];
        live.verify_if_night_with(self.begun, verify).await.unwrap();
        asked.into_inner().unwrap()
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
async fn a_night_is_verified_once_though_a_model_fails() {
    let processes = Processes::start().await;
    let both = [("Customer", processes.night), ("Product", processes.night)];
    assert_eq!(processes.look(0).await, both);
    assert_eq!(processes.look(0).await, []);
    assert_eq!(processes.look(1).await, []);
    // The next one.
    processes
        .verified(processes.night - TimeDelta::days(1))
        .await;
    assert_eq!(processes.look(1).await, both);
    assert_eq!(processes.look(0).await, []);
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
