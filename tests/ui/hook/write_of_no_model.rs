use stripe_sync::hooks::SyncContext;
use stripe_sync::{Outcome, StripeObject, StripeSync};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", sync = write)]
struct Customer {
    id: String,
}

struct Note {
    id: String,
}

async fn write(object: &StripeObject, cx: &mut SyncContext<'_>) -> Result<Outcome, BoxError> {
    let id = object.id().to_owned();
    cx.write(Note { id }).await?;
    cx.sync_default().await.map_err(Into::into)
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

fn main() {}
