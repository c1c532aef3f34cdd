use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "payment_intent", table = "rows")]
struct Row {
    id: String,
    failure_message: Option<String>,
}

fn main() {}
