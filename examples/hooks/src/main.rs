//! Runs every hook against a fake Stripe, and prints what each did.
//!
//! ```text
//! cargo run -p hooks
//! ```

use std::error::Error;

use hooks::children;
use hooks::customers::{Customer, Tenants};
use hooks::mail::Mail;
use hooks::subscriptions::{CREATE_ITEMS, Subscription};
use serde_json::json;
use stripe_sync::Syncer;
use stripe_sync::reexport::sqlx::sqlite::SqlitePoolOptions;
use stripe_sync::reexport::sqlx::{self, AssertSqlSafe, SqlitePool};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use tokio::sync::mpsc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let fake = FakeStripe::builder().seed(7).start().await?;
    let stripe = fake.stripe()?;
    // A database in memory belongs to one connection.
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect("sqlite::memory:")
        .await?;

    // What the hooks need of the application, one value of each type.
    let (queue, mut mails) = mpsc::channel::<Mail>(100);
    let syncer = Syncer::builder(stripe.clone(), pool.clone())
        .state(Tenants::from([("acme.example", "acme")]))
        .state(queue)
        .state(stripe)
        .build();
    syncer.ensure_table::<Customer>().await?;
    syncer.ensure_table::<Subscription>().await?;
    sqlx::query(CREATE_ITEMS).execute(&pool).await?;

    println!("== The three steps of the mapping");
    fake.create(
        "customer",
        json!({ "id": "cus_ada", "email": " Ada@ACME.example", "name": null, "metadata": {} }),
    )?;
    println!("{}", syncer.sync_all::<Customer>().await?);
    println!("   Stripe has the e-mail ` Ada@ACME.example`, no name and no tenant; the row has");
    let (email, name, tenant): (String, String, String) =
        sqlx::query_as("SELECT email, name, tenant FROM customers")
            .fetch_one(&pool)
            .await?;
    println!("   email  {email:<18} pre_set_default changed the object");
    println!("   tenant {tenant:<18} set_default asked the application");
    println!("   name   {name:<18} post_set_default changed the row");

    println!("\n== after_commit");
    println!("   after the first sync: {:?}", mails.try_recv().ok());
    fake.create(
        "customer",
        json!({ "id": "cus_bob", "email": "bob@acme.example" }),
    )?;
    syncer.sync_by_ids::<Customer>(["cus_bob"]).await?;
    println!("   a new customer:       {:?}", mails.try_recv().ok());
    fake.update("cus_bob", json!({ "email": "robert@acme.example" }))?;
    syncer.sync_all::<Customer>().await?;
    println!("   a changed address:    {:?}", mails.try_recv().ok());

    println!("\n== sync, with the items in the same transaction");
    let items = json!([{ "id": "si_seats", "quantity": 3 }, { "id": "si_support", "quantity": 1 }]);
    fake.create(
        "subscription",
        json!({ "id": "sub_ada", "customer": "cus_ada", "items": items }),
    )?;
    println!("{}", syncer.sync_all::<Subscription>().await?);
    print_items(&pool, "subscription_items").await?;
    println!("   an item changes and the other goes; the subscription's own columns stay:");
    fake.update(
        "sub_ada",
        json!({ "items": [{ "id": "si_more", "quantity": 5 }] }),
    )?;
    println!("{}", syncer.sync_all::<Subscription>().await?);
    print_items(&pool, "subscription_items").await?;

    println!("\n== The same without a hook");
    syncer.ensure_table::<children::Subscription>().await?;
    println!("{}", syncer.sync_all::<children::Subscription>().await?);
    print_items(&pool, "whole_items").await?;

    println!("\n== A hook that fails");
    drop(mails);
    fake.create(
        "customer",
        json!({ "id": "cus_eve", "email": "eve@acme.example" }),
    )?;
    println!(
        "{}",
        syncer
            .sync_by_ids::<Customer>(["cus_eve", "cus_ada"])
            .await?
    );
    Ok(())
}

async fn print_items(pool: &SqlitePool, table: &str) -> Result<(), sqlx::Error> {
    let query = format!("SELECT id, quantity, subscription FROM {table} ORDER BY id");
    let items: Vec<(String, Option<i64>, String)> =
        sqlx::query_as(AssertSqlSafe(query)).fetch_all(pool).await?;
    for (id, quantity, subscription) in items {
        println!(
            "   {id:<12} x {:<3} of {subscription}",
            quantity.unwrap_or(1)
        );
    }
    Ok(())
}
