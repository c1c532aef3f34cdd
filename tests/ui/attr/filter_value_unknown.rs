use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(
    object = "subscription",
    table = "subscriptions",
    filter(status = "actve")
)]
struct Subscription {
    id: String,
}

fn main() {}
