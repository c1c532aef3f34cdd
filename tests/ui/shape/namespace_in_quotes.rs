use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", namespace = "`stripe`")]
struct Customer {
    id: String,
}

fn main() {}
