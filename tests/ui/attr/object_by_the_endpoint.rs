use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "invoice_item", table = "rows")]
struct Row {
    id: String,
    email: Option<String>,
}

fn main() {}
