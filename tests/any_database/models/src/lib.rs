//! A crate of models without a database: none of the features of `stripe-sync` is on here. Which statements the derive writes
//! is decided by the program that depends on it.

use stripe_sync::hooks::SyncContext;
use stripe_sync::{
    Change, Context, IntoStore, Outcome, Registry, Stripe, StripeObject, StripeSync,
};
use stripe_sync::{SyncAllOptions, Syncer};

/// The error of a hook, or of a program.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, StripeSync)]
#[stripe(object = "customer", table = "customers", post_set_default = fill, after_commit = changed)]
pub struct Customer {
    pub id: String,
    pub email: Option<String>,
    pub name: Option<String>,
}

/// A subscription, whose items are written with it.
#[derive(Debug, StripeSync)]
#[stripe(object = "subscription", table = "subscriptions", sync = with_items)]
pub struct Subscription {
    pub id: String,
    pub customer: String,
    pub status: String,
}

#[derive(Debug, StripeSync)]
#[stripe(object = "subscription_item", table = "subscription_items")]
pub struct Item {
    pub id: String,
    pub subscription: String,
    #[stripe(path = price.id)]
    pub price: String,
    pub quantity: Option<i64>,
}

/// A table of the application's own.
pub const CREATE_AUDIT: &str =
    "CREATE TABLE audit (subscription VARCHAR(255) PRIMARY KEY, note VARCHAR(255), items BIGINT)";

fn fill(customer: &mut Customer, _: &Context) {
    customer.name.get_or_insert_with(|| "unnamed".to_owned());
}

async fn changed(change: Change<Customer>, _: &Context) {
    println!("{}", change.after().map_or("gone", |customer| &customer.id));
}

async fn with_items(object: &StripeObject, cx: &mut SyncContext<'_>) -> Result<Outcome, BoxError> {
    let outcome = cx.sync_default().await?;
    let object = object.value()?;
    let id = object["id"].as_str();
    let items = object["items"]["data"].as_array().ok_or("no items")?;
    for item in items {
        let item = StripeObject::from_json(item.to_string())?;
        cx.write(Item::from_stripe(&item, cx.context())?).await?;
    }
    cx.execute("DELETE FROM audit WHERE subscription = ?", [id])
        .await?;
    let insert = "INSERT INTO audit (subscription, note, items) VALUES (?, 'why?', ?)";
    cx.execute(insert, (id, i64::try_from(items.len())?))
        .await?;
    Ok(outcome)
}

/// Mirrors the account into whatever database the pool is of.
///
/// # Errors
/// When anything fails.
pub async fn mirror(pool: impl IntoStore) -> Result<(), BoxError> {
    let stripe = Stripe::builder(std::env::var("STRIPE_SECRET_KEY")?)
        .base_url(std::env::var("STRIPE_URL")?)
        .build()?;
    let registry = Registry::new()
        .model::<Customer>()
        .model::<Subscription>()
        .model::<Item>();
    let syncer = Syncer::builder(stripe, pool)
        .registry(registry.clone())
        .build();
    for (_, result) in syncer.ensure_models(&registry).await {
        result?;
    }
    let lists = registry.only(&[Customer::MODEL, Subscription::MODEL]);
    for (_, result) in syncer.sync_models(lists, SyncAllOptions::default()).await {
        let report = result?;
        if report.failed > 0 {
            return Err(report.to_string().into());
        }
    }
    Ok(())
}
