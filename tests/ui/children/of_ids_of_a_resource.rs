use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices")]
struct Invoice {
    id: String,
    #[stripe(children, path = account_tax_ids)]
    tax_ids: Vec<SubscriptionItem>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "subscription_items")]
struct SubscriptionItem {
    id: String,
    #[stripe(parent)]
    subscription: String,
}

fn main() {}
