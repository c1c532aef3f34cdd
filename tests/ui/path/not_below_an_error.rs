use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "charge", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = payment_method_details.last4)]
    last4: Option<String>,
}

fn main() {}
