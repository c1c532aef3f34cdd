use stripe_sync::{Json, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    preferred_locales: Option<Json<std::collections::HashMap<String, String>>>,
}

fn main() {}
