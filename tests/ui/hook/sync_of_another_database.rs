use stripe_sync::hooks::SyncContext;
use stripe_sync::reexport::sqlx::Postgres;
use stripe_sync::{HookError, Outcome, StripeObject, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "rows", database = sqlite, sync = write)]
struct Row {
    id: String,
    email: Option<String>,
}

async fn write(_: &StripeObject, cx: &mut SyncContext<'_, Postgres>) -> Result<Outcome, HookError> {
    cx.sync_default().await
}

fn main() {}
