//! The service's own struct for customers, in the place of the ready-made one.

use serde::Serialize;
use sqlx::FromRow;
use stripe_sync::StripeSync;

/// A user: a customer at Stripe, and what the service itself knows.
#[derive(Debug, FromRow, Serialize, StripeSync)]
#[stripe(object = "customer", table = "users")]
pub struct User {
    /// The customer's id.
    pub id: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// The service's own: no sync writes it.
    #[stripe(local)]
    pub theme: Option<String>,
}
