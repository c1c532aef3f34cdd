use chrono::{DateTime, Utc};
use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    deleted_at: Option<DateTime<Utc>>,
}

fn main() {}
