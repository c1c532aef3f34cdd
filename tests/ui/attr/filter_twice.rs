use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(
    object = "subscription",
    table = "subscriptions",
    filter(status = "all"),
    filter(status = "active")
)]
struct Subscription {
    id: String,
}

fn main() {}
