use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "billing.")]
struct Customer {
    id: String,
}

fn main() {}
