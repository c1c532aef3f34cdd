use stripe_sync::hooks::TypedSyncContext;
use stripe_sync::{HookError, Outcome, StripeObject, StripeSync, reexport::sqlx};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", sync = write)]
struct Customer {
    id: String,
}

async fn write(
    _: &StripeObject,
    cx: &mut TypedSyncContext<'_, sqlx::Sqlite>,
) -> Result<Outcome, HookError> {
    cx.sync_default().await
}

fn main() {}
