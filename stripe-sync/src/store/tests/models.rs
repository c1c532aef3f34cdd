//! The structs of the tests.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::types::Json;

use crate::StripeSync;

#[derive(Debug, StripeSync)]
#[stripe(object = "customer", table = "customers", crate = crate)]
pub(crate) struct Customer {
    id: String,
    email: Option<String>,
    #[stripe(path = address.country)]
    country: Option<String>,
    #[stripe(path = metadata.tenant)]
    tenant: Option<String>,
    #[stripe(default)]
    balance: i64,
    created: DateTime<Utc>,
    #[stripe(local)]
    notes: Option<String>,
}

/// A customer as Stripe sends it, with more fields.
pub(crate) fn customer(id: &str, more: &str) -> String {
    let comma = if more.is_empty() { "" } else { "," };
    format!(r#"{{"id":"{id}","object":"customer","created":1700000000{comma}{more}}}"#)
}

/// Every type of cell.
#[derive(Debug, StripeSync)]
#[stripe(object = "customer", table = "order", crate = crate)]
pub(crate) struct Everything {
    id: String,
    #[stripe(column = "group")]
    name: Option<String>,
    #[stripe(default)]
    balance: i64,
    #[stripe(unchecked, path = rate)]
    rate: Option<f64>,
    #[stripe(unchecked, path = amount_decimal)]
    amount: Option<Decimal>,
    delinquent: Option<bool>,
    created: DateTime<Utc>,
    metadata: Option<HashMap<String, String>>,
    #[stripe(raw)]
    object: Json<Value>,
    #[stripe(synced_at)]
    synced: Option<DateTime<Utc>>,
}

#[derive(Debug, StripeSync)]
#[stripe(object = "customer", table = "customers", on_delete = hard, crate = crate)]
pub(crate) struct HardCustomer {
    id: String,
    email: Option<String>,
}

#[derive(Debug, StripeSync)]
#[stripe(object = "customer", table = "plain", unversioned, on_delete = hard, crate = crate)]
pub(crate) struct PlainCustomer {
    id: String,
    email: Option<String>,
}

#[derive(Debug, StripeSync)]
#[stripe(object = "coupon", table = "coupons", crate = crate)]
pub(crate) struct Coupon {
    #[stripe(account)]
    account: String,
    #[stripe(livemode)]
    livemode: bool,
    id: String,
    name: Option<String>,
}

pub(crate) fn coupon(id: &str, name: &str) -> String {
    format!(r#"{{"id":"{id}","object":"coupon","name":"{name}"}}"#)
}

#[derive(Debug, StripeSync)]
#[stripe(object = "price", table = "prices", crate = crate)]
pub(crate) struct Priced {
    id: String,
    currency: String,
}

#[derive(Debug, StripeSync)]
#[stripe(object = "customer", table = "billing.customers", crate = crate)]
pub(crate) struct SchemaCustomer {
    id: String,
    email: Option<String>,
}

/// A table that was there before: a number as its primary key, Stripe's id in a unique one.
#[derive(Debug, StripeSync)]
#[stripe(object = "customer", table = "users", crate = crate)]
pub(crate) struct User {
    #[stripe(id, column = "stripe_id")]
    id: String,
    email: Option<String>,
    #[stripe(deleted_at)]
    gone: Option<DateTime<Utc>>,
}
