//! What is mirrored.

use chrono::{DateTime, Utc};
use stripe_sync::{Json, Registry, StripeSync};

/// All models of this program.
pub fn all() -> Registry {
    Registry::new()
        .model::<Customer>()
        .model::<Product>()
        .model::<Price>()
        .model::<Subscription>()
        .model::<Coupon>()
}

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
pub struct Customer {
    pub id: String,
    pub email: Option<String>,
    pub name: Option<String>,
    pub created: DateTime<Utc>,
    #[stripe(raw)]
    pub object: Json<serde_json::Value>,
}

#[derive(StripeSync)]
#[stripe(object = "product", table = "products")]
pub struct Product {
    pub id: String,
    pub name: String,
    pub active: bool,
    pub created: DateTime<Utc>,
}

#[derive(StripeSync)]
#[stripe(object = "price", table = "prices")]
pub struct Price {
    pub id: String,
    pub product: String,
    pub currency: String,
    pub unit_amount: Option<i64>,
    pub active: bool,
    pub created: DateTime<Utc>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "subscriptions")]
pub struct Subscription {
    pub id: String,
    pub customer: String,
    pub status: String,
    pub created: DateTime<Utc>,
    #[stripe(children)]
    pub items: Vec<SubscriptionItem>,
}

// Comes with its subscription: the registry need not name it.
#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "subscription_items")]
pub struct SubscriptionItem {
    pub id: String,
    #[stripe(parent)]
    pub subscription: String,
    #[stripe(path = price.id)]
    pub price: String,
    pub quantity: Option<i64>,
}

#[derive(StripeSync)]
#[stripe(object = "coupon", table = "coupons")]
pub struct Coupon {
    pub id: String,
    pub name: Option<String>,
    pub percent_off: Option<f64>,
    pub valid: bool,
    pub created: DateTime<Utc>,
}
