use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "rows")]
struct Row {
    id: String,
    price: String,
}

fn main() {}
