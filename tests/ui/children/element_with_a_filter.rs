use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "price.tiers", table = "rows", filter(active = true))]
struct Row {
    #[stripe(parent)]
    price: String,
    #[stripe(position)]
    position: i64,
}

fn main() {}
