use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer")]
struct Customer {
    id: String,
}

fn main() {}
