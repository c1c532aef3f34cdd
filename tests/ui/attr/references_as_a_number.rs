use stripe_sync::{Slot, StripeSync, ValueError};

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices")]
struct Invoice {
    id: String,
    #[stripe(path = customer, with = number, references = Customer)]
    customer: i64,
}

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
}

fn number(slot: &Slot<'_>) -> Result<i64, ValueError> {
    Ok(slot.json().map_or(0, str::len) as i64)
}

fn main() {}
