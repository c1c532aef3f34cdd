use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: Option<String>,
    email: Option<String>,
}

fn main() {}
