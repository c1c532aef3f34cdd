use stripe_sync::{Slot, StripeSync, ValueError};

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "invoices")]
struct Invoice {
    id: String,
    #[stripe(with(currency, customer.balance) = money)]
    money: String,
}

fn money(currency: &Slot<'_>, amount: &Slot<'_>) -> Result<String, ValueError> {
    Ok(format!("{:?} {:?}", currency.json(), amount.json()))
}

fn main() {}
