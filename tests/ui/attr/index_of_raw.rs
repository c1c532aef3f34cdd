use stripe_sync::{Json, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices")]
struct Invoice {
    id: String,
    #[stripe(raw, index)]
    object: Json<serde_json::Value>,
}

fn main() {}
