use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "application_fee_refund", table = "rows")]
struct Row {
    id: String,
}

fn main() {}
