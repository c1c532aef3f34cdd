use stripe_sync::{Json, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(raw)]
    whole: Json<serde_json::Value>,
    #[stripe(raw)]
    again: Json<serde_json::Value>,
}

fn main() {}
