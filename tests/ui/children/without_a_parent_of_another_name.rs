use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "application_fee", table = "application_fees")]
struct Fee {
    id: String,
    #[stripe(children)]
    refunds: Vec<Refund>,
}

#[derive(StripeSync)]
#[stripe(object = "fee_refund", table = "refunds")]
struct Refund {
    id: String,
}

fn main() {}
