use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers ")]
struct Row {
    id: String,
    email: Option<String>,
}

fn main() {}
