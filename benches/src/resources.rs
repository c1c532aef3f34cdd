//! Models of the resources that a backfill reads beside [`WideCustomer`](crate::customers::WideCustomer): of eleven or
//! twelve columns, the whole object among them. All four have a `created` filter in their lists, and their objects are
//! of 1.2 kB in the mean.

use chrono::{DateTime, Utc};
use stripe_sync::StripeSync;
use stripe_sync::reexport::sqlx::types::Json;

/// Eleven columns of a product.
#[derive(Debug, StripeSync)]
#[stripe(object = "product", table = "products")]
pub struct Product {
    /// The key.
    pub id: String,
    /// The name that customers see.
    pub name: String,
    /// Free text.
    pub description: Option<String>,
    /// Whether it can be sold.
    pub active: bool,
    /// Whether it is sent by mail.
    pub shippable: Option<bool>,
    /// What is on the customer's bank statement.
    pub statement_descriptor: Option<String>,
    /// What one of it is called.
    pub unit_label: Option<String>,
    /// Where it is described.
    pub url: Option<String>,
    /// When it was created.
    pub created: DateTime<Utc>,
    /// When it was changed.
    pub updated: DateTime<Utc>,
    /// The whole object.
    #[stripe(raw)]
    pub object: Json<serde_json::Value>,
}

/// Twelve columns of a refund.
#[derive(Debug, StripeSync)]
#[stripe(object = "refund", table = "refunds")]
pub struct Refund {
    /// The key.
    pub id: String,
    /// In the currency's minor unit.
    pub amount: i64,
    /// ISO 4217, lowercase.
    pub currency: String,
    /// The charge that it takes back.
    pub charge: Option<String>,
    /// The payment intent that it takes back.
    pub payment_intent: Option<String>,
    /// How it moved the balance.
    pub balance_transaction: Option<String>,
    /// Why it was made.
    pub reason: Option<String>,
    /// `pending`, `succeeded`, ...
    pub status: Option<String>,
    /// The number on the receipt.
    pub receipt_number: Option<String>,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// When it was created.
    pub created: DateTime<Utc>,
    /// The whole object.
    #[stripe(raw)]
    pub object: Json<serde_json::Value>,
}

/// Twelve columns of a coupon.
#[derive(Debug, StripeSync)]
#[stripe(object = "coupon", table = "coupons")]
pub struct Coupon {
    /// The key.
    pub id: String,
    /// The name that customers see.
    pub name: Option<String>,
    /// In the currency's minor unit.
    pub amount_off: Option<i64>,
    /// ISO 4217, lowercase.
    pub currency: Option<String>,
    /// `once`, `repeating` or `forever`.
    pub duration: String,
    /// Of a repeating one.
    pub duration_in_months: Option<i64>,
    /// How often it can be used.
    pub max_redemptions: Option<i64>,
    /// How often it was used.
    pub times_redeemed: i64,
    /// The end of its use.
    pub redeem_by: Option<DateTime<Utc>>,
    /// Whether it can be used now.
    pub valid: bool,
    /// When it was created.
    pub created: DateTime<Utc>,
    /// The whole object.
    #[stripe(raw)]
    pub object: Json<serde_json::Value>,
}
