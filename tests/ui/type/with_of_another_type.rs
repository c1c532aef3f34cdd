use stripe_sync::{Slot, StripeSync, ValueError};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(with = length)]
    email: Option<String>,
}

fn length(slot: &Slot<'_>) -> Result<i64, ValueError> {
    Ok(slot.json().map_or(0, |json| json.len() as i64))
}

fn main() {}
