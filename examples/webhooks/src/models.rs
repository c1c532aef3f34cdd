//! The structs that are mirrored. Each field is checked against Stripe's schema when this compiles.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::FromRow;
use stripe_sync::StripeSync;

#[derive(Debug, FromRow, Serialize, StripeSync)]
#[stripe(object = "customer", table = "customers")]
pub struct Customer {
    pub id: String,
    pub email: Option<String>,
    pub name: Option<String>,
    /// When the customer was found deleted at Stripe. The row stays. As text, because sqlx takes a number for seconds, and
    /// the number here would be of microseconds.
    #[stripe(deleted_at, sql_type = "TEXT")]
    pub deleted_at: Option<DateTime<Utc>>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "subscriptions")]
pub struct Subscription {
    pub id: String,
    pub customer: String,
    pub status: String,
}
