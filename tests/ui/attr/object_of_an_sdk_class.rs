use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "ApplicationFeeRefund", table = "rows")]
struct Row {
    id: String,
}

fn main() {}
