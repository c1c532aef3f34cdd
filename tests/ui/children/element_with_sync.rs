use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "price.tiers", table = "rows", sync = write)]
struct Row {
    #[stripe(parent)]
    price: String,
    #[stripe(position)]
    position: i64,
}

fn main() {}
