use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", namespace = "main.stripe")]
struct Customer {
    id: String,
}

fn main() {}
