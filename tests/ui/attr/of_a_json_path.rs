use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    #[stripe(json_path = "$.address.country")]
    country: Option<String>,
}

fn main() {}
