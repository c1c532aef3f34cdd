use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices")]
struct Invoice {
    id: String,
    #[stripe(children)]
    default_tax_rates: Vec<TaxRate>,
}

#[derive(StripeSync)]
#[stripe(object = "tax_rate", table = "tax_rates")]
struct TaxRate {
    id: String,
    #[stripe(parent = "invoice")]
    invoice: String,
}

fn main() {}
