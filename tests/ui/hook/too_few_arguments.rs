use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", post_set_default = after)]
struct Customer {
    id: String,
}

fn after(_: &mut Customer) {}

fn main() {}
