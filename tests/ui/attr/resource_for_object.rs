use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(resource = "customer", table = "customers")]
struct Row {
    id: String,
    email: Option<String>,
}

fn main() {}
