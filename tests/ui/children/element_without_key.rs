use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "price.tiers", table = "rows")]
struct Row {
    up_to: Option<i64>,
}

fn main() {}
