use chrono::{DateTime, Utc};
use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    updated_at: Option<DateTime<Utc>>,
}

fn main() {}
