use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "issuing.card", table = "rows")]
struct Row {
    id: String,
    #[stripe(unchecked)]
    pin: Option<stripe_sync::Json<serde_json::Value>>,
}

fn main() {}
