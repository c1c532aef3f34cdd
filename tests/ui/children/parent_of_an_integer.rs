use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "subscription_items")]
struct SubscriptionItem {
    id: String,
    #[stripe(parent, path = quantity)]
    subscription: i64,
}

fn main() {}
