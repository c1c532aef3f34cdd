use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    #[stripe(id, default)]
    customer: String,
}

fn main() {}
