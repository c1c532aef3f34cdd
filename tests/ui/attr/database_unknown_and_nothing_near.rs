use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", database = oracle)]
struct Customer {
    id: String,
}

fn main() {}
