use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "charge", table = "rows")]
struct Row {
    id: String,
    refunded_amount: i64,
}

fn main() {}
