use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "billing.customers", namespace = "stripe")]
struct Customer {
    id: String,
}

fn main() {}
