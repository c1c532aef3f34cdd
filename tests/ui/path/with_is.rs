use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "charge", table = "rows")]
struct Row {
    id: String,
    is_refunded: bool,
}

fn main() {}
