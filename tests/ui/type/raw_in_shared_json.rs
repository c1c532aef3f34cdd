use serde_json::Value;
use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    #[stripe(raw)]
    whole: std::sync::Arc<Value>,
}

fn main() {}
