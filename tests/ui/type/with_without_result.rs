use stripe_sync::{Slot, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = name, with = read)]
    name: i64,
}

fn read(_: &Slot<'_>) -> i64 {
    0
}

fn main() {}
