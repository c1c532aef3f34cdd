//! An axum service whose tables follow Stripe: deliveries come in at a route, and the rows are read from another.
//!
//! ```text
//! cargo run -p webhooks            # a fake Stripe delivers to this service, into webhooks.db
//!
//! # Your own account, into account.db, with what `stripe listen` forwards from it, in another terminal:
//! stripe listen --forward-to localhost:3000/stripe/webhook
//! STRIPE_SECRET_KEY=sk_test_... STRIPE_WEBHOOK_SECRET=whsec_... cargo run -p webhooks
//!
//! # Where Stripe reaches this service itself, the endpoint is made for you:
//! STRIPE_SECRET_KEY=sk_test_... PUBLIC_URL=https://example.com LISTEN=0.0.0.0:3000 cargo run -p webhooks
//!
//! # Another server than Stripe's own, such as a fake of yours: STRIPE_API_BASE=http://localhost:12111
//!
//! curl localhost:3000/customers/cus_1
//! curl localhost:3000/metrics
//! ```
//!
//! With neither `STRIPE_WEBHOOK_SECRET` nor `PUBLIC_URL`, Stripe's own list of events is followed, once a minute.

mod demo;
mod stripe_side;

use std::env;
use std::process::ExitCode;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use stripe_side::StripeSide;
use tokio::net::TcpListener;
use tokio::sync::watch;
use webhooks::BoxError;
use webhooks::service::Service;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        // Returned from here, an error would be printed as its fields, and not as the sentence that it is.
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), BoxError> {
    // Before the endpoint: with port 0 the address is known only now, and the first deliveries wait here.
    let address = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(&address)
        .await
        .map_err(|error| format!("LISTEN={address}: {error}"))?;
    let address = format!("http://{}", listener.local_addr()?);

    let side = match env::var("STRIPE_SECRET_KEY") {
        Ok(key) => stripe_side::account(key).await?,
        Err(_) => stripe_side::fake(&address).await?,
    };
    let pool = connect(side.file).await?;
    let service = Service::new(side.stripe.clone(), pool.clone(), side.secrets.clone()).await?;
    println!("Listening on {address}");

    let (stop, stopping) = watch::channel(false);
    tokio::spawn(async move {
        stopped().await;
        stop.send_replace(true);
    });
    // What is in hand when the signal comes is finished, or given back for the next start.
    let live = async {
        service
            .live
            .clone()
            .run_until(until(stopping.clone()))
            .await;
        Ok::<_, BoxError>(())
    };
    let follow = follow(&service, &side, &address, stopping.clone());
    tokio::select! {
        served = async { axum::serve(listener, service.router()).await } => served?,
        ended = async { tokio::try_join!(live, follow) } => {
            ended?;
        }
    }
    println!("Stopped");
    pool.close().await;
    Ok(())
}

/// WAL, so that who reads the file beside this service does not wait for its writes, nor they for him.
async fn connect(file: &str) -> Result<SqlitePool, sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal);
    SqlitePool::connect_with(options).await
}

/// Fills the tables, lets things happen at the fake, and leaves the rest to the events.
async fn follow(
    service: &Service,
    side: &StripeSide,
    address: &str,
    stopping: watch::Receiver<bool>,
) -> Result<(), BoxError> {
    service.backfill(|| until(stopping.clone())).await?;
    if *stopping.borrow() {
        return Ok(());
    }
    let mut customer = "cus_...".to_owned();
    if let Some(fake) = &side.fake {
        println!("\nA customer at the fake Stripe:");
        customer = demo::run(fake, &service.pool).await?;
    }
    println!(
        "\nTry next, and end with Ctrl-C:\n  \
         curl {address}/customers/{customer}\n  \
         curl {address}/metrics\n  \
         sqlite3 {} 'SELECT * FROM audit'",
        side.file
    );
    until(stopping).await;
    Ok(())
}

/// Ends when the program is to stop.
async fn until(mut stopping: watch::Receiver<bool>) {
    // An error would be that nobody can say it any more.
    let _ = stopping.wait_for(|stop| *stop).await;
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
