use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "payment_intent", table = "rows")]
struct Row {
    id: String,
    client_secret: Option<String>,
}

fn main() {}
