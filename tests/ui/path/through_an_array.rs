use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "subscriptions")]
struct Subscription {
    id: String,
    #[stripe(path = discounts.id)]
    discount: Option<String>,
}

fn main() {}
