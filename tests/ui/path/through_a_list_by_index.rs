use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "subscriptions")]
struct Subscription {
    id: String,
    #[stripe(path = items[0].price.id)]
    price: Option<String>,
}

fn main() {}
