use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    #[stripe(id, redact)]
    key: String,
    email: Option<String>,
}

fn main() {}
