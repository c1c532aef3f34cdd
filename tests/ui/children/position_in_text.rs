use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "price.tiers", table = "rows")]
struct Row {
    #[stripe(parent)]
    price: String,
    #[stripe(position)]
    position: String,
}

fn main() {}
