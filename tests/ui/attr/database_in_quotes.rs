use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", database = "sqlite")]
struct Customer {
    id: String,
}

fn main() {}
