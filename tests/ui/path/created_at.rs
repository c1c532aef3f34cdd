use chrono::{DateTime, Utc};
use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    created_at: DateTime<Utc>,
}

fn main() {}
