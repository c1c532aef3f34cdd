use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices", unique(number))]
struct Invoice {
    id: String,
    #[stripe(index)]
    number: Option<String>,
}

fn main() {}
