use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe = "customer"]
struct Customer {
    id: String,
}

fn main() {}
