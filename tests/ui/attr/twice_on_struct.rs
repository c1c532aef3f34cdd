use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", table = "clients")]
struct Customer {
    id: String,
}

fn main() {}
