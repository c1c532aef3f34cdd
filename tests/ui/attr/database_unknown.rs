use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", database = postgers)]
struct Customer {
    id: String,
}

fn main() {}
