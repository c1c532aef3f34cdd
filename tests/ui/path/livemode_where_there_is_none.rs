use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "refund", table = "rows")]
struct Row {
    id: String,
    livemode: bool,
}

fn main() {}
