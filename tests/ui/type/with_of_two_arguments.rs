use stripe_sync::{Context, Slot, StripeSync, ValueError};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = name, with = length)]
    name: i64,
}

fn length(_: &Slot<'_>, _: &Context) -> Result<i64, ValueError> {
    Ok(0)
}

fn main() {}
