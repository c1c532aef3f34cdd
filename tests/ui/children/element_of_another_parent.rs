use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "price.tiers", table = "rows")]
struct Row {
    #[stripe(parent = "plan")]
    price: String,
    #[stripe(position)]
    position: i64,
}

fn main() {}
