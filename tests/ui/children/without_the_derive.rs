use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "subscriptions")]
struct Subscription {
    id: String,
    #[stripe(children)]
    items: Vec<SubscriptionItem>,
}

struct SubscriptionItem {
    id: String,
}

fn main() {}
