use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "rows")]
struct Row {
    id: String,
    invoice_number: Option<String>,
}

fn main() {}
