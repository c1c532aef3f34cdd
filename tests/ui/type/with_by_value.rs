use stripe_sync::{Slot, StripeSync, ValueError};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows")]
struct Row {
    id: String,
    #[stripe(path = name, with = length)]
    name: i64,
}

fn length(name: Slot<'_>) -> Result<i64, ValueError> {
    let name: Option<String> = name.deserialize()?;
    Ok(name.map_or(0, |name| name.len() as i64))
}

fn main() {}
