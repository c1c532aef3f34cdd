use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "subscription_items")]
struct SubscriptionItem {
    id: String,
    #[stripe(parent)]
    subscription: String,
    #[stripe(position)]
    position: i64,
}

fn main() {}
