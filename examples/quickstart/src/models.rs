//! The structs that are mirrored. Each field is checked against Stripe's schema when this compiles.

use chrono::{DateTime, Utc};
use stripe_sync::{Json, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
pub struct Customer {
    pub id: String,
    pub email: Option<String>,
    pub name: Option<String>,
    #[stripe(path = address.country)]
    pub country: Option<String>,
    #[stripe(path = metadata.tenant_id)]
    pub tenant: Option<String>,
    pub created: DateTime<Utc>,
    #[stripe(raw)]
    pub object: Json<serde_json::Value>,
    /// The application's own: no sync writes it.
    #[stripe(local)]
    pub notes: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "price", table = "prices")]
pub struct Price {
    pub id: String,
    pub product: String,
    pub active: bool,
    pub currency: String,
    /// In the currency's minor unit; null where only a decimal is exact.
    pub unit_amount: Option<i64>,
    #[stripe(path = recurring.interval)]
    pub interval: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "subscriptions")]
pub struct Subscription {
    pub id: String,
    pub customer: String,
    pub status: String,
    #[stripe(path = items.data[0].price.id)]
    pub price: Option<String>,
    pub created: DateTime<Utc>,
    pub canceled_at: Option<DateTime<Utc>>,
}
