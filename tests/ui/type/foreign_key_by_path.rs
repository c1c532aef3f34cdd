use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = price)]
    price_id: Option<String>,
}

fn main() {}
