use stripe_sync::hooks::SyncContext;
use stripe_sync::{HookError, StripeObject, StripeSync, reexport::sqlx};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", database = sqlite, sync = write)]
struct Customer {
    id: String,
}

async fn write(_: &StripeObject, cx: &mut SyncContext<'_, sqlx::Sqlite>) -> Result<(), HookError> {
    cx.sync_default().await.map(drop)
}

fn main() {}
