use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows", rename_all = "camel")]
struct Row {
    id: String,
    email: Option<String>,
}

fn main() {}
