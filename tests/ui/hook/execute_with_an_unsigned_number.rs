use stripe_sync::hooks::SyncContext;
use stripe_sync::{Outcome, StripeObject, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", sync = write)]
struct Customer {
    id: String,
}

async fn write(object: &StripeObject, cx: &mut SyncContext<'_>) -> Result<Outcome, BoxError> {
    let bytes: u64 = 7;
    cx.execute("UPDATE notes SET bytes = ? WHERE id = ?", (bytes, object.id())).await?;
    cx.sync_default().await.map_err(Into::into)
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

fn main() {}
