use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", rename_all = "Camel")]
struct Customer {
    id: String,
}

fn main() {}
