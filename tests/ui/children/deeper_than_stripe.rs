use stripe_sync::{Slot, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices")]
struct Invoice {
    id: String,
    #[stripe(children)]
    lines: Vec<Line>,
}

#[derive(StripeSync)]
#[stripe(object = "line_item", table = "lines")]
struct Line {
    id: String,
    #[stripe(parent)]
    invoice: String,
    #[stripe(path = pricing.price_details.price, with = name, expand)]
    price: String,
}

fn name(_: &Slot<'_>) -> Result<String, String> {
    Ok(String::new())
}

fn main() {}
