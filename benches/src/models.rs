//! The structs that the objects are mapped to: about eleven fields, as an application would keep.

use chrono::{DateTime, Utc};
use stripe_sync::StripeSync;

/// Eleven fields of a customer, two of its address and one of its metadata.
#[derive(Debug, StripeSync)]
#[stripe(object = "customer", table = "customers")]
pub struct Customer {
    /// The key.
    pub id: String,
    /// Unique only by the application's own rules.
    pub email: Option<String>,
    /// The full name.
    pub name: Option<String>,
    /// The phone number.
    pub phone: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[stripe(path = address.country)]
    pub country: Option<String>,
    /// The city.
    #[stripe(path = address.city)]
    pub city: Option<String>,
    /// The application's own key.
    #[stripe(path = metadata.tenant_id)]
    pub tenant: Option<String>,
    /// In the currency's minor unit.
    pub balance: Option<i64>,
    /// ISO 4217, lowercase.
    pub currency: Option<String>,
    /// Whether the latest invoice is unpaid.
    pub delinquent: Option<bool>,
    /// When it was created.
    pub created: DateTime<Utc>,
}

/// Twelve fields of a subscription, three of its first item.
#[derive(Debug, StripeSync)]
#[stripe(object = "subscription", table = "subscriptions")]
pub struct Subscription {
    /// The key.
    pub id: String,
    /// The customer's id.
    pub customer: String,
    /// `active`, `past_due`, ...
    pub status: String,
    /// The price of the first item.
    #[stripe(path = items.data[0].price.id)]
    pub price: Option<String>,
    /// The quantity of the first item.
    #[stripe(path = items.data[0].quantity)]
    pub quantity: Option<i64>,
    /// When the first item is billed next.
    #[stripe(path = items.data[0].current_period_end)]
    pub current_period_end: Option<DateTime<Utc>>,
    /// ISO 4217, lowercase.
    pub currency: String,
    /// When it was created.
    pub created: DateTime<Utc>,
    /// Whether it ends with the period.
    pub cancel_at_period_end: bool,
    /// When it was canceled.
    pub canceled_at: Option<DateTime<Utc>>,
    /// The application's own key.
    #[stripe(path = metadata.tenant_id)]
    pub tenant: Option<String>,
    /// The latest invoice's id.
    pub latest_invoice: Option<String>,
}

/// Eleven fields of an invoice.
#[derive(Debug, StripeSync)]
#[stripe(object = "invoice", table = "invoices")]
pub struct Invoice {
    /// The key.
    pub id: String,
    /// The customer's id.
    pub customer: Option<String>,
    /// The number that the customer sees.
    pub number: Option<String>,
    /// `draft`, `open`, `paid`, ...
    pub status: Option<String>,
    /// ISO 4217, lowercase.
    pub currency: String,
    /// In the currency's minor unit.
    pub total: i64,
    /// In the currency's minor unit.
    pub amount_due: i64,
    /// In the currency's minor unit.
    pub amount_paid: i64,
    /// The subscription that it bills.
    #[stripe(path = parent.subscription_details.subscription)]
    pub subscription: Option<String>,
    /// When it was created.
    pub created: DateTime<Utc>,
    /// When it was paid.
    #[stripe(path = status_transitions.paid_at)]
    pub paid_at: Option<DateTime<Utc>>,
}
