use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "issuing.card", table = "rows", expand(cvc))]
struct Row {
    id: String,
    #[stripe(raw)]
    object: stripe_sync::Json<serde_json::Value>,
}

fn main() {}
