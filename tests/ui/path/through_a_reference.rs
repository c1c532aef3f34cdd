use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "subscriptions")]
struct Subscription {
    id: String,
    #[stripe(path = customer.email)]
    email: Option<String>,
}

fn main() {}
