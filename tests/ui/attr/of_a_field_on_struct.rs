use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", raw)]
struct Customer {
    id: String,
}

fn main() {}
