use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "account", table = "accounts")]
struct Account {
    id: String,
    #[stripe(children, path = requirements.currently_due)]
    items: Vec<SubscriptionItem>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "subscription_items")]
struct SubscriptionItem {
    id: String,
    #[stripe(parent)]
    subscription: String,
}

fn main() {}
