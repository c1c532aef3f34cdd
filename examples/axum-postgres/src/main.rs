//! An axum service over tables that follow Stripe: it checks its table, fills it in the background, and serves from it.
//!
//! ```text
//! cargo run -p axum-postgres      # a fake Stripe, PostgreSQL on this machine
//!
//! # Your own account, in a database of its own: a table holds the rows of one account.
//! STRIPE_SECRET_KEY=sk_test_... DATABASE_URL=postgres://... cargo run -p axum-postgres
//!
//! curl localhost:3000/customers/cus_1
//! curl -X POST localhost:3000/customers/cus_1/refresh
//! ```

mod customers;

use std::env;
use std::error::Error;
use std::time::Duration;

use customers::{App, Customer};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use stripe_sync::testing::FakeStripe;
use stripe_sync::{Stripe, SyncAllOptions, Syncer};
use tokio::net::TcpListener;

const BETWEEN_RUNS: Duration = Duration::from_secs(3600);
const BEFORE_RETRY: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let pool = connect().await?;
    // The fake serves until it is dropped.
    let (stripe, _fake) = stripe().await?;
    let syncer = Syncer::new(stripe, pool.clone());
    check_table(&syncer).await?;

    // Requests are served while the table fills.
    let backfill = tokio::spawn(backfill(syncer.clone()));

    let address = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(&address).await?;
    println!("Listening on http://{}", listener.local_addr()?);
    let app = App {
        pool: pool.clone(),
        syncer,
    };
    axum::serve(listener, customers::router(app))
        .with_graceful_shutdown(stopped())
        .await?;

    // It ends with the same signal.
    let _ = backfill.await;
    pool.close().await;
    Ok(())
}

/// Everything of this example is in a schema of its own.
async fn connect() -> Result<PgPool, sqlx::Error> {
    let url = env::var("DATABASE_URL")
        .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/test".to_owned());
    let options: PgConnectOptions = url.parse()?;
    let pool = PgPoolOptions::new()
        .connect_with(options.options([("search_path", "axum_postgres")]))
        .await?;
    sqlx::query("CREATE SCHEMA IF NOT EXISTS axum_postgres")
        .execute(&pool)
        .await?;
    Ok(pool)
}

/// The account of `STRIPE_SECRET_KEY`, or a fake Stripe on this machine.
async fn stripe() -> Result<(Stripe, Option<FakeStripe>), Box<dyn Error>> {
    if let Ok(key) = env::var("STRIPE_SECRET_KEY") {
        return Ok((Stripe::new(key)?, None));
    }
    let fake = FakeStripe::builder().seed(7).start().await?;
    fake.generate("customer", 500)?;
    let stripe = Stripe::builder(fake.secret_key())
        .base_url(fake.base_url())
        .build()?;
    println!("STRIPE_SECRET_KEY is not set: reading a fake Stripe");
    Ok((stripe, Some(fake)))
}

/// Says what the table lacks, and adds it. A service whose migrations are made by hand stops here instead: the statements
/// are what its next migration needs.
async fn check_table(syncer: &Syncer) -> Result<(), Box<dyn Error>> {
    for difference in syncer.check_table::<Customer>().await? {
        println!("{difference}");
    }
    syncer.ensure_table::<Customer>().await?;
    Ok(())
}

/// Fills the table, and looks for what changed since every hour: rows that are the same are not written again.
async fn backfill(syncer: Syncer) {
    loop {
        let run = syncer.sync_all_until::<Customer>(SyncAllOptions::default(), stopped());
        let pause = match run.await {
            // What was read stays, and the next start goes on from there.
            Ok(report) if report.stopped => return,
            Ok(report) => {
                println!("{report}");
                BETWEEN_RUNS
            }
            // Stripe or the database did not answer: what was committed stays, and the next run goes on from there.
            Err(error) => {
                eprintln!("the customers are not complete: {error}");
                BEFORE_RETRY
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stopped() => return,
        }
    }
}

/// Ends on Ctrl-C, and on the signal that stops a service.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    if let Ok(mut terminate) =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
    {
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
        return;
    }
    let _ = interrupt.await;
}
