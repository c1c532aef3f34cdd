use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "price.tiers", table = "rows")]
struct Row {
    #[stripe(parent)]
    price: String,
    up_to: Option<i64>,
}

fn main() {}
