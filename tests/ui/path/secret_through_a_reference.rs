use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "charge", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = payment_intent.client_secret, expand)]
    secret: Option<String>,
}

fn main() {}
