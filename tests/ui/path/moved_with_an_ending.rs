use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "rows")]
struct Row {
    id: String,
    subscription_id: Option<String>,
}

fn main() {}
