use stripe_sync::{Json, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices", index(metadata))]
struct Invoice {
    id: String,
    metadata: Option<Json<serde_json::Value>>,
}

fn main() {}
