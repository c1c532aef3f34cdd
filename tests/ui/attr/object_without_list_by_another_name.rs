use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "billing_portal_session", table = "rows")]
struct Row {
    id: String,
}

fn main() {}
