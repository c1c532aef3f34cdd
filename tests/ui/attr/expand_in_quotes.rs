use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "charge", table = "rows", expand("customer"))]
struct Row {
    id: String,
    #[stripe(raw)]
    object: stripe_sync::Json<serde_json::Value>,
}

fn main() {}
