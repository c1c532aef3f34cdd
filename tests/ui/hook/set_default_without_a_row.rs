use stripe_sync::{Context, StripeObject, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", set_default = make)]
struct Customer {
    id: String,
}

fn make(_: &StripeObject, _: &Context) {}

fn main() {}
