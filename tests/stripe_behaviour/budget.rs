//! The budget against limits that the fake Stripe enforces, on the real clock.

use std::sync::Arc;
use std::time::Duration;

use stripe_sync::client::{Meter, RateBudget, Request};
use stripe_sync::reexport::sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use stripe_sync::reexport::sqlx::{self, SqlitePool};
use stripe_sync::testing::{FakeStripe, Faults, RateLimits};
use stripe_sync::{Stripe, StripeSync, Syncer};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    email: Option<String>,
}

const LATENCY: Duration = Duration::from_millis(50);

async fn fake(limits: RateLimits) -> FakeStripe {
    let fake = FakeStripe::builder().start().await.unwrap();
    fake.limits(limits);
    fake.faults(Faults::new(1).latency(LATENCY / 2..LATENCY * 3 / 2));
    fake
}

fn client(fake: &FakeStripe, budget: RateBudget) -> Stripe {
    Stripe::builder(fake.secret_key().to_owned())
        .base_url(fake.base_url())
        .budget(budget)
        .build()
        .unwrap()
}

/// Asks with many readers at once for so long; the share of 429s.
async fn read(stripe: &Stripe, paths: &[&'static str], time: Duration) -> f64 {
    let (meter, start) = (Arc::new(Meter::new()), Instant::now());
    let mut readers = JoinSet::new();
    for number in 0..40 {
        let (stripe, meter) = (stripe.clone(), Arc::clone(&meter));
        let path = paths[number % paths.len()];
        readers.spawn(async move {
            while start.elapsed() < time {
                stripe.get(Request::get(path), &meter).await.unwrap();
            }
        });
    }
    readers.join_all().await;
    let asked = meter.snapshot();
    // Every retry is one of an answer 429: the fake has no other faults here.
    println!("{asked:?} in {:?}", start.elapsed());
    asked.retries as f64 / asked.requests as f64
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn few_requests_are_refused_for_too_many_at_once() {
    const TAKES: usize = 6;
    let paths = ["/v1/customers", "/v1/charges", "/v1/prices"];
    for (limits, paths) in [
        (RateLimits::none().account_concurrency(TAKES), &paths[..]),
        (RateLimits::none().endpoint_concurrency(TAKES), &paths[..1]),
    ] {
        let fake = fake(limits).await;
        let stripe = client(&fake, RateBudget::unlimited());
        read(&stripe, paths, Duration::from_secs(2)).await;
        let refused = read(&stripe, paths, Duration::from_secs(4)).await;
        assert!(refused <= 0.02, "{limits:?}: {refused} refused");
        let pressure = stripe.pressure(&Request::get(paths[0]));
        let limit = pressure
            .account
            .in_flight_limit
            .min(pressure.endpoint.in_flight_limit);
        // How many requests a second that is depends on the machine; `client::budget::tests::flight` has a clock of its own.
        assert!((TAKES / 2..=TAKES + 1).contains(&limit), "{limit}");
        assert!(pressure.account.rate.is_infinite() && pressure.endpoint.rate.is_infinite());
        assert!(!pressure.has_room());
    }
}

async fn shares(pool: &SqlitePool) -> i64 {
    sqlx::query_scalar("SELECT COUNT(*) FROM stripe_sync_shares")
        .fetch_one(pool)
        .await
        .unwrap()
}

/// Two syncers with a client each stand for two processes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_divide_the_rate_while_they_last() {
    let fake = fake(RateLimits::none()).await;
    let ids = fake.generate("customer", 60).unwrap();
    let file = format!("stripe_sync_budget_{}.db", std::process::id());
    let file = std::env::temp_dir().join(file);
    let options = SqliteConnectOptions::new().filename(&file);
    let pool = SqlitePoolOptions::new()
        .connect_with(options.create_if_missing(true))
        .await
        .unwrap();
    let budget = RateBudget::default().account(20.0).headroom(0.0);
    let syncer = || Syncer::new(client(&fake, budget), pool.clone());
    let target = |syncer: &Syncer| {
        let pressure = syncer.stripe().pressure(&Request::get("/v1/customers"));
        pressure.account.rate_target
    };
    let (one, two) = (syncer(), syncer());
    one.ensure_table::<Customer>().await.unwrap();

    // Shorter than it takes to divide anything.
    one.sync_by_ids::<Customer>(&ids[..2]).await.unwrap();
    sleep(Duration::from_millis(1500)).await;
    assert_eq!((shares(&pool).await, target(&one)), (0, 20.0));

    let run = |syncer: &Syncer| {
        let (syncer, ids) = (syncer.clone(), ids.clone());
        tokio::spawn(async move { syncer.sync_by_ids::<Customer>(ids).await.unwrap() })
    };
    // Two runs of one syncer are one share: some six seconds.
    let first = [run(&one), run(&one)];
    sleep(Duration::from_secs(2)).await;
    assert_eq!((shares(&pool).await, target(&one)), (1, 20.0));
    let second = run(&two);
    sleep(Duration::from_secs(2)).await;
    assert_eq!((shares(&pool).await, target(&two)), (2, 10.0));
    // Dropping a run gives its share back as its end does.
    second.abort();
    for run in first {
        run.await.unwrap();
    }
    sleep(Duration::from_millis(500)).await;
    assert_eq!(shares(&pool).await, 0);
    assert_eq!((target(&one), target(&two)), (20.0, 20.0));

    // Without a limit there is nothing to divide.
    let unlimited = Syncer::new(client(&fake, RateBudget::unlimited()), pool.clone());
    fake.faults(Faults::new(1).latency(Duration::from_secs(2)..Duration::from_secs(3)));
    let whole = run(&unlimited);
    sleep(Duration::from_millis(1500)).await;
    assert!(!whole.is_finished());
    assert_eq!(shares(&pool).await, 0);
    whole.abort();
    pool.close().await;
    std::fs::remove_file(file).unwrap();
}
