use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "rows")]
struct Row {
    id: String,
    email: Option<String>,
}

fn main() {}
