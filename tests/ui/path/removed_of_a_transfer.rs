use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "transfer", table = "rows")]
struct Row {
    id: String,
    status: Option<String>,
}

fn main() {}
