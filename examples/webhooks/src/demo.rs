//! The fake Stripe of the demonstration, and what happens there.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;
use sqlx::SqlitePool;
use stripe_sync::testing::FakeStripe;
use webhooks::BoxError;

/// The longest that a row is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A fake with other objects and events than that of the last start: the file remembers which events it has seen.
pub async fn start() -> Result<FakeStripe, BoxError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let fake = FakeStripe::builder()
        .now(now.as_secs().try_into()?)
        .seed(now.as_millis().try_into()?)
        .start()
        .await?;
    fake.generate("customer", 200)?;
    fake.generate("subscription", 300)?;
    Ok(fake)
}

/// Creates, changes and deletes a customer at the fake, and says how long its row took each time. Answers the customer.
pub async fn run(fake: &FakeStripe, pool: &SqlitePool) -> Result<String, BoxError> {
    let changed = Instant::now();
    let customer = fake.create("customer", json!({ "email": "ada@example.com" }))?;
    let id = customer["id"].as_str().ok_or("a customer without an id")?;
    wait(
        pool,
        "SELECT email = 'ada@example.com' FROM customers WHERE id = ?",
        id,
    )
    .await?;
    report("created", changed);

    let changed = Instant::now();
    fake.update(id, json!({ "email": "countess@example.com" }))?;
    wait(
        pool,
        "SELECT email = 'countess@example.com' FROM customers WHERE id = ?",
        id,
    )
    .await?;
    report("updated", changed);

    let changed = Instant::now();
    fake.delete(id)?;
    wait(
        pool,
        "SELECT deleted_at IS NOT NULL FROM customers WHERE id = ?",
        id,
    )
    .await?;
    report("deleted", changed);
    println!(
        "  (a change soon after another waits half a second for more, so that a burst costs few reads)"
    );
    Ok(id.to_owned())
}

fn report(what: &str, changed: Instant) {
    println!(
        "  {what}, and in its row after {} ms",
        changed.elapsed().as_millis()
    );
}

/// Waits until a question about the row is answered with yes.
async fn wait(pool: &SqlitePool, question: &'static str, id: &str) -> Result<(), BoxError> {
    let asked = Instant::now();
    while asked.elapsed() < PATIENCE {
        let answer: Option<bool> = sqlx::query_scalar(question)
            .bind(id)
            .fetch_optional(pool)
            .await?;
        if answer == Some(true) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Err(format!("the row of {id} did not follow within {PATIENCE:?}").into())
}
