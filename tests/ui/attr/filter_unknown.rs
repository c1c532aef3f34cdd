use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(
    object = "subscription",
    table = "subscriptions",
    filter(statsu = "all")
)]
struct Subscription {
    id: String,
}

fn main() {}
