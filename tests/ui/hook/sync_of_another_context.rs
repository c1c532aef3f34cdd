use stripe_sync::{Context, HookError, Outcome, StripeObject, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows", database = sqlite, sync = write)]
struct Row {
    id: String,
}

async fn write(_: &StripeObject, _: &Context) -> Result<Outcome, HookError> {
    Ok(Outcome::Skipped)
}

fn main() {}
