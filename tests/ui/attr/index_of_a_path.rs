use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices", index(customer_address.country))]
struct Invoice {
    id: String,
    number: Option<String>,
}

fn main() {}
