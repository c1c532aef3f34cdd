use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices")]
struct Invoice {
    id: String,
    #[stripe(references = Customer)]
    customer: Option<String>,
}

struct Customer;

fn main() {}
