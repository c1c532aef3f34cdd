use serde_json::Value;
use stripe_sync::{Json, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "rows")]
struct Row {
    id: String,
    items: Json<Vec<Value>>,
}

fn main() {}
