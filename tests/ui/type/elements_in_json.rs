use stripe_sync::{Json, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "rows")]
struct Row {
    id: String,
    default_tax_rates: Option<Json<Vec<String>>>,
}

fn main() {}
