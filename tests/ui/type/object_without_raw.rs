use serde_json::Value;
use stripe_sync::{Json, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    object: Json<Value>,
}

fn main() {}
