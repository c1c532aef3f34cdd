use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "price.tiers", table = "rows")]
struct Row {
    #[stripe(parent, path = flat_amount_decimal)]
    price: String,
    #[stripe(position)]
    position: i64,
}

fn main() {}
