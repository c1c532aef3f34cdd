use stripe_sync::hooks::SyncContext;
use stripe_sync::{HookError, Outcome, StripeObject, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", database = sqlite, sync = write)]
struct Customer {
    id: String,
}

async fn write(_: &StripeObject, cx: &mut SyncContext<'_>) -> Result<Outcome, HookError> {
    cx.sync_default().await
}

fn main() {}
