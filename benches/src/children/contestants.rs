//! The structs of both ways. Their rows are to be the same.

use chrono::{DateTime, Utc};
use stripe_sync::StripeSync;
use stripe_sync::reexport::sqlx::types::Json;

/// An invoice whose lines come with it.
#[derive(Debug, StripeSync)]
#[stripe(object = "invoice", table = "invoices")]
pub struct Invoice {
    /// The key.
    pub id: String,
    /// The customer's id.
    pub customer: Option<String>,
    /// `draft`, `open`, `paid`, ...
    pub status: Option<String>,
    /// ISO 4217, lowercase.
    pub currency: String,
    /// In the currency's minor unit.
    pub total: i64,
    /// When it was created.
    pub created: DateTime<Utc>,
    /// The rows of the lines.
    #[stripe(children)]
    pub lines: Vec<Line>,
}

/// A line that comes with its invoice.
#[derive(Debug, StripeSync)]
#[stripe(object = "line_item", table = "lines")]
pub struct Line {
    /// The key.
    pub id: String,
    /// The invoice's id.
    #[stripe(parent)]
    pub invoice: String,
    /// In the currency's minor unit.
    pub amount: i64,
    /// ISO 4217, lowercase.
    pub currency: String,
    /// What the customer reads.
    pub description: Option<String>,
    /// How many of its price.
    pub quantity: Option<i64>,
    /// The line as Stripe sends it.
    #[stripe(raw)]
    pub object: Json<serde_json::Value>,
}

/// An invoice alone.
#[derive(Debug, StripeSync)]
#[stripe(object = "invoice", table = "invoices_alone")]
pub struct InvoiceAlone {
    /// The key.
    pub id: String,
    /// The customer's id.
    pub customer: Option<String>,
    /// `draft`, `open`, `paid`, ...
    pub status: Option<String>,
    /// ISO 4217, lowercase.
    pub currency: String,
    /// In the currency's minor unit.
    pub total: i64,
    /// When it was created.
    pub created: DateTime<Utc>,
}

/// A line that names its invoice, but is not known as its child.
#[derive(Debug, StripeSync)]
#[stripe(object = "line_item", table = "lines_alone")]
#[stripe(index(invoice))]
pub struct LineAlone {
    /// The key.
    pub id: String,
    /// The invoice's id.
    pub invoice: Option<String>,
    /// In the currency's minor unit.
    pub amount: i64,
    /// ISO 4217, lowercase.
    pub currency: String,
    /// What the customer reads.
    pub description: Option<String>,
    /// How many of its price.
    pub quantity: Option<i64>,
    /// The line as Stripe sends it.
    #[stripe(raw)]
    pub object: Json<serde_json::Value>,
}

/// The columns of both tables of invoices.
pub const OF_INVOICES: &str = "id, customer, status, currency, total, created, stripe_hash";
/// The columns of both tables of lines. The hash is of all columns, the whole object among them.
pub const OF_LINES: &str = "id, invoice, amount, currency, description, quantity, stripe_hash";
