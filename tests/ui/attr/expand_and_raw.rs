use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "charge", table = "rows")]
struct Row {
    id: String,
    #[stripe(raw, expand)]
    object: stripe_sync::Json<serde_json::Value>,
}

fn main() {}
