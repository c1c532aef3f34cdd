use stripe_sync::{Slot, StripeSync, ValueError};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(with = lower, default)]
    email: Option<String>,
}

fn lower(slot: &Slot<'_>) -> Result<Option<String>, ValueError> {
    slot.deserialize()
}

fn main() {}
