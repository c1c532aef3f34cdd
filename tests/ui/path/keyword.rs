use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "payout", table = "rows")]
struct Row {
    id: String,
    type_: String,
}

fn main() {}
