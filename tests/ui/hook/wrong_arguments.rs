use stripe_sync::{Context, StripeObject, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", post_set_default = after)]
struct Customer {
    id: String,
}

fn after(_: &mut StripeObject, _: &Context) {}

fn main() {}
