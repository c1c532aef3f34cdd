use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices", index(customer))]
struct Invoice {
    id: String,
    #[stripe(references = Customer)]
    customer: Option<String>,
}

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
}

fn main() {}
