use stripe_sync::{Json, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices")]
struct Invoice {
    id: String,
    #[stripe(raw, references = Customer)]
    object: Json<serde_json::Value>,
}

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
}

fn main() {}
