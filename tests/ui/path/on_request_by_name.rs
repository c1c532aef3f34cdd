use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "price", table = "rows")]
struct Row {
    id: String,
    tiers: Option<stripe_sync::Json<serde_json::Value>>,
}

fn main() {}
