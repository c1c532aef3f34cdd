use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "rows", expand(items.data[0].price))]
struct Row {
    id: String,
    #[stripe(raw)]
    object: stripe_sync::Json<serde_json::Value>,
}

fn main() {}
