use stripe_sync::{HookError, Outcome, StripeObject, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows", database = sqlite, sync = write)]
struct Row {
    id: String,
    email: Option<String>,
}

async fn write(_: &StripeObject) -> Result<Outcome, HookError> {
    Ok(Outcome::Skipped)
}

fn main() {}
