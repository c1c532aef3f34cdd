use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices", unique(customer))]
struct Invoice {
    id: String,
    number: Option<String>,
}

fn main() {}
