use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "charge", table = "rows")]
struct Row {
    id: String,
    #[stripe(expand)]
    customer: Option<String>,
}

fn main() {}
