use stripe_sync::hooks::TypedSyncContext;
use stripe_sync::{HookError, StripeObject, StripeSync, reexport::sqlx};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", database = sqlite, sync = write)]
struct Customer {
    id: String,
}

async fn write(_: &StripeObject, cx: &mut TypedSyncContext<'_, sqlx::Sqlite>) -> Result<(), HookError> {
    cx.sync_default().await.map(drop)
}

fn main() {}
