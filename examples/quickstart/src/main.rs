//! Fills a SQLite file from Stripe: from the account of `STRIPE_SECRET_KEY`, or from a fake Stripe on this machine.
//!
//! ```text
//! cargo run -p quickstart                      # the fake Stripe, into stripe.db
//! STRIPE_SECRET_KEY=sk_test_... cargo run -p quickstart -- my.db
//! ```

mod models;

use std::error::Error;

use models::{Customer, Price, Subscription};
use stripe_sync::reexport::sqlx::{self, Row, SqlitePool, sqlite::SqliteConnectOptions};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{Stripe, StripeSync, Syncer, terminal_progress};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "stripe.db".to_owned());
    let options = SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await?;

    // A fake Stripe stands in where there is no key: an HTTP server on this machine with the real one's manners.
    let fake;
    let stripe = match std::env::var("STRIPE_SECRET_KEY") {
        Ok(key) => {
            println!("Reading the account of STRIPE_SECRET_KEY into {file}\n");
            Stripe::new(key)?
        }
        Err(_) => {
            println!("STRIPE_SECRET_KEY is not set: reading a fake Stripe into {file}\n");
            fake = fake_stripe().await?;
            fake.stripe()?
        }
    };

    let syncer = Syncer::builder(stripe, pool.clone())
        .progress(terminal_progress())
        .build();
    mirror::<Customer>(&syncer).await?;
    mirror::<Price>(&syncer).await?;
    mirror::<Subscription>(&syncer).await?;

    println!("\nThe newest customers:");
    let rows = sqlx::query(
        "SELECT id, email, country, (SELECT count(*) FROM subscriptions WHERE customer = customers.id) AS subscriptions \
         FROM customers ORDER BY created DESC LIMIT 5",
    )
    .fetch_all(&pool)
    .await?;
    for row in rows {
        println!(
            "  {:<32} {:<36} {:<4} {} subscriptions",
            row.get::<String, _>("id"),
            row.get::<Option<String>, _>("email").unwrap_or_default(),
            row.get::<Option<String>, _>("country").unwrap_or_default(),
            row.get::<i64, _>("subscriptions"),
        );
    }

    println!(
        "\nTry next:\n  \
         sqlite3 {file} 'SELECT status, count(*) FROM subscriptions GROUP BY status'\n  \
         STRIPE_SECRET_KEY=sk_test_... cargo run -p quickstart -- mine.db\n  \
         change `email` to `emial` in examples/quickstart/src/models.rs and run `cargo check -p quickstart`"
    );
    Ok(())
}

/// Makes the table where it is missing, fills it, and says what was done.
async fn mirror<M: StripeSync>(syncer: &Syncer) -> Result<(), Box<dyn Error>> {
    syncer.ensure_table::<M>().await?;
    println!("{}", syncer.sync_all::<M>().await?);
    Ok(())
}

/// The same objects at every start, so that a second run shows that nothing is written twice.
async fn fake_stripe() -> Result<FakeStripe, Box<dyn Error>> {
    let fake = FakeStripe::builder().seed(7).start().await?;
    fake.generate("product", 20)?;
    fake.generate("price", 60)?;
    fake.generate("customer", 500)?;
    fake.generate("subscription", 800)?;
    Ok(fake)
}
