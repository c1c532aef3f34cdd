use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "price.recurring", table = "rows")]
struct Row {
    #[stripe(parent)]
    price: String,
    #[stripe(position)]
    position: i64,
}

fn main() {}
