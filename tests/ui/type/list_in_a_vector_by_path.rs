use serde_json::Value;
use stripe_sync::{Json, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = lines)]
    rows: Json<Vec<Value>>,
}

fn main() {}
