use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = checkout.session, table = "sessions")]
struct Row {
    id: String,
    customer: Option<String>,
}

fn main() {}
