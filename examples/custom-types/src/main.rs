//! Mirrors products, prices and subscriptions of a fake Stripe into column types of this crate, and prints rows.
//!
//! ```text
//! cargo run -p custom-types
//! ```

use std::error::Error;

use custom_types::models::{Price, Product, Subscription};
use serde_json::json;
use stripe_sync::reexport::sqlx::sqlite::SqlitePoolOptions;
use stripe_sync::reexport::sqlx::{self, Row};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{StripeSync, Syncer};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let fake = FakeStripe::builder().seed(7).start().await?;
    fake.generate("product", 5)?;
    fake.generate("price", 20)?;
    fake.generate("subscription", 50)?;
    fake.create("price", json!({ "metadata": { "seats": "25" } }))?;
    // What no type can hold is one line in the report; the other rows are written.
    fake.create(
        "price",
        json!({ "id": "price_odd", "metadata": { "seats": "many" } }),
    )?;

    let stripe = fake.stripe()?;
    // A database in memory belongs to one connection.
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect("sqlite::memory:")
        .await?;
    let syncer = Syncer::new(stripe, pool.clone());
    mirror::<Product>(&syncer).await?;
    mirror::<Price>(&syncer).await?;
    mirror::<Subscription>(&syncer).await?;

    println!("\nPrices:");
    let prices = sqlx::query(
        "SELECT prices.*, products.name FROM prices JOIN products ON products.id = product \
         ORDER BY seats DESC, prices.id LIMIT 5",
    )
    .fetch_all(&pool)
    .await?;
    for price in prices {
        println!(
            "  {} {} of {}, seats {:?}, recurring {}",
            price
                .get::<Option<String>, _>("unit_amount_decimal")
                .unwrap_or_default(),
            price.get::<String, _>("currency"),
            price.get::<String, _>("name"),
            price.get::<Option<u32>, _>("seats"),
            price
                .get::<Option<String>, _>("recurring")
                .unwrap_or_else(|| "never".to_owned()),
        );
    }

    println!("\nSubscriptions:");
    let states: Vec<(String, i64)> = sqlx::query_as(
        "SELECT status, count(*) FROM subscriptions GROUP BY status ORDER BY 2 DESC",
    )
    .fetch_all(&pool)
    .await?;
    for (status, count) in states {
        println!("  {count:>3} {status}");
    }
    Ok(())
}

async fn mirror<M: StripeSync>(syncer: &Syncer) -> Result<(), Box<dyn Error>> {
    syncer.ensure_table::<M>().await?;
    println!("{}", syncer.sync_all::<M>().await?);
    Ok(())
}
