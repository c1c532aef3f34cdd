use stripe_sync::{Context, StripeObject, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", pre_set_default = clean)]
struct Customer {
    id: String,
}

async fn clean(_: &mut StripeObject, _: &Context) -> bool {
    true
}

fn main() {}
