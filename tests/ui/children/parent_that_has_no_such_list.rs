use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "refund", table = "refunds")]
struct Refund {
    id: String,
    #[stripe(parent)]
    payment_intent: String,
}

fn main() {}
