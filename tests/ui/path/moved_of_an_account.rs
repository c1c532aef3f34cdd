use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "account", table = "rows")]
struct Row {
    id: String,
    business_name: Option<String>,
}

fn main() {}
