use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "charge", table = "rows")]
struct Row {
    id: String,
    fee: Option<i64>,
}

fn main() {}
