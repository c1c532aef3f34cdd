use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows", schema = "billing")]
struct Row {
    id: String,
    email: Option<String>,
}

fn main() {}
