use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table)]
struct Customer {
    id: String,
}

fn main() {}
