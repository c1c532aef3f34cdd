use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "price.tiers", table = "rows", after_commit = changed)]
struct Row {
    #[stripe(parent)]
    price: String,
    #[stripe(position)]
    position: i64,
}

fn main() {}
