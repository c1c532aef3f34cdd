use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "payment_intent", table = "payment_intents")]
struct Intent {
    id: String,
    #[stripe(children, expand, path = latest_charge.refunds)]
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
