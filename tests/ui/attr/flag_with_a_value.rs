use stripe_sync::{Json, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(raw = true)]
    whole: Json<serde_json::Value>,
}

fn main() {}
