use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "payment_intent", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = latest_charge.refunds.data[0].id)]
    refund: Option<String>,
}

fn main() {}
