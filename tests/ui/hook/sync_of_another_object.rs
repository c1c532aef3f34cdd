use stripe_sync::hooks::TypedSyncContext;
use stripe_sync::reexport::sqlx::Sqlite;
use stripe_sync::{HookError, Outcome, StripeObject, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows", database = sqlite, sync = write)]
struct Row {
    id: String,
}

async fn write(_: &mut StripeObject, cx: &mut TypedSyncContext<'_, Sqlite>) -> Result<Outcome, HookError> {
    cx.sync_default().await
}

fn main() {}
