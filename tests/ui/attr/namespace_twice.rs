use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", namespace = "stripe", namespace = "billing")]
struct Customer {
    id: String,
}

fn main() {}
