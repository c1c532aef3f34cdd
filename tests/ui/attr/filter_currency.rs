use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "price", table = "rows", filter(currency = "USD"))]
struct Row {
    id: String,
}

fn main() {}
