use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "charge", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = customer.emial, expand)]
    email: Option<String>,
}

fn main() {}
