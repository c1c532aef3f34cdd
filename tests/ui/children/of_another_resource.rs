use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "subscriptions")]
struct Subscription {
    id: String,
    #[stripe(children)]
    items: Vec<SubscriptionItem>,
}

#[derive(StripeSync)]
#[stripe(object = "invoice_payment", table = "invoice_payments")]
struct SubscriptionItem {
    id: String,
    #[stripe(parent)]
    invoice: String,
}

fn main() {}
