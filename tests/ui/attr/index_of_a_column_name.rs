use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices", index(no))]
struct Invoice {
    id: String,
    #[stripe(column = "no")]
    number: Option<String>,
}

fn main() {}
