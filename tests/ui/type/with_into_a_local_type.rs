use stripe_sync::{Slot, StripeSync, ValueError};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = name, with = read)]
    name: Name,
}

struct Name;

fn read(_: &Slot<'_>) -> Result<Name, ValueError> {
    Ok(Name)
}

fn main() {}
