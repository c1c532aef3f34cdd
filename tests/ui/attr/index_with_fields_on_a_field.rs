use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices")]
struct Invoice {
    id: String,
    #[stripe(index(number))]
    number: Option<String>,
}

fn main() {}
