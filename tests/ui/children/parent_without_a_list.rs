use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "payment_intent", table = "payment_intents")]
struct Intent {
    id: String,
    #[stripe(parent)]
    customer: String,
}

fn main() {}
