use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices", unique(number), index(number))]
struct Invoice {
    id: String,
    number: Option<String>,
}

fn main() {}
