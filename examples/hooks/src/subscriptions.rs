//! A subscription whose items are rows of another table, written in the same transaction by a hook. [`children`](crate::children)
//! shows the same with attributes.

use serde::Deserialize;
use serde_json::Value;
use stripe_sync::client::{Meter, Request};
use stripe_sync::hooks::SyncContext;
use stripe_sync::{Context, Outcome, Stripe, StripeObject, StripeSync};

use crate::BoxError;

#[derive(Debug, Clone, PartialEq, Eq, StripeSync)]
#[stripe(
    object = "subscription",
    table = "subscriptions",
    pre_set_default = complete_items,
    sync = sync_with_items
)]
pub struct Subscription {
    pub id: String,
    pub customer: String,
    pub status: String,
}

/// The table of the items. No model has it: it is the hook's own.
pub const CREATE_ITEMS: &str = "\
CREATE TABLE IF NOT EXISTS subscription_items (
    id TEXT PRIMARY KEY,
    subscription TEXT NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    price TEXT NOT NULL,
    quantity INTEGER
)";

/// What the hooks read of a subscription.
#[derive(Deserialize)]
struct WithItems {
    items: Items<Item>,
}

#[derive(Deserialize)]
struct Items<T> {
    data: Vec<T>,
    has_more: bool,
}

#[derive(Deserialize)]
struct Item {
    id: String,
    price: Price,
    /// Metered items have none.
    quantity: Option<i64>,
}

#[derive(Deserialize)]
struct Price {
    id: String,
}

/// Stripe shows the first ten items of a subscription. The others are asked for here, where no transaction waits.
async fn complete_items(object: &mut StripeObject, context: &Context) -> Result<(), BoxError> {
    if !object.deserialize::<WithItems>()?.items.has_more {
        return Ok(());
    }
    let stripe = context
        .state::<Stripe>()
        .ok_or("items are cut short: give the syncer a client with `.state(stripe)`")?;
    // A subscription has at most 20 items, so one page holds them all.
    let request = Request::get("/v1/subscription_items")
        .query("subscription", object.id())
        .query("limit", "100");
    let response = stripe.get(request, &Meter::new()).await?;
    let items: Items<Value> = serde_json::from_slice(&response.body)?;
    object.edit(|subscription| {
        subscription["items"]["data"] = items.data.into();
        subscription["items"]["has_more"] = items.has_more.into();
    })?;
    Ok(())
}

/// Around the write: the subscription's own row first, because the items refer to it, then the items. An error anywhere
/// undoes all of it, and the report names the subscription. The statements serve every database.
async fn sync_with_items(
    object: &StripeObject,
    cx: &mut SyncContext<'_>,
) -> Result<Outcome, BoxError> {
    let outcome = cx.sync_default().await?;

    // Also where the outcome is `Unchanged`: that speaks of the subscription's columns, and an item may have changed.
    let delete = "DELETE FROM subscription_items WHERE subscription = ?";
    cx.execute(delete, [object.id()]).await?;
    let insert =
        "INSERT INTO subscription_items (id, subscription, price, quantity) VALUES (?, ?, ?, ?)";
    for item in object.deserialize::<WithItems>()?.items.data {
        let values = (item.id, object.id(), item.price.id, item.quantity);
        cx.execute(insert, values).await?;
    }
    Ok(outcome)
}
