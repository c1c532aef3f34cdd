use stripe_sync::StripeSync;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(children, expand, path = sources)]
    tax_ids: Vec<TaxId>,
}

#[derive(StripeSync)]
#[stripe(object = "tax_id", table = "tax_ids")]
struct TaxId {
    id: String,
    #[stripe(parent)]
    customer: String,
}

fn main() {}
