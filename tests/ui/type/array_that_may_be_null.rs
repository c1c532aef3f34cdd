use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    preferred_locales: Vec<String>,
}

fn main() {}
