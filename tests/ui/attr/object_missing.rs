use stripe_sync::StripeSync;

#[derive(StripeSync)]
struct Subscription {
    id: String,
}

fn main() {}
