use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices")]
struct Invoice {
    id: String,
    #[stripe(path = from_invoice.invoice, references = Self)]
    from: Option<String>,
}

fn main() {}
