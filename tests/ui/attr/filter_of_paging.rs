use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "subscriptions", filter(limit = 10))]
struct Subscription {
    id: String,
}

fn main() {}
