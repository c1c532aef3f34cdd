use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", crate = 5)]
struct Customer {
    id: String,
}

fn main() {}
