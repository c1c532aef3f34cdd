use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "price", table = "prices")]
struct Price {
    id: String,
    #[stripe(children)]
    tiers: Vec<PriceTier>,
}

#[derive(StripeSync)]
#[stripe(object = "price.tiers", table = "price_tiers")]
struct PriceTier {
    #[stripe(parent)]
    price: String,
    #[stripe(position)]
    position: i64,
}

fn main() {}
