//! Tables, handlers and routes, put together.

use axum::Router;
use sqlx::SqlitePool;
use stripe_sync::live::{HandlerError, Live};
use stripe_sync::webhook::{Event, WebhookSecret};
use stripe_sync::{Stripe, SyncAllOptions, SyncError, Syncer};

use crate::models::{Customer, Subscription};
use crate::{BoxError, audit, routes};

/// Cheap to clone.
#[derive(Clone)]
pub struct Service {
    pub live: Live,
    pub pool: SqlitePool,
    syncer: Syncer,
}

impl Service {
    /// Makes the tables where they are missing. Deliveries are accepted if one of the secrets signed them.
    pub async fn new(
        stripe: Stripe,
        pool: SqlitePool,
        secrets: impl IntoIterator<Item = WebhookSecret>,
    ) -> Result<Self, BoxError> {
        let syncer = Syncer::new(stripe, pool.clone());
        syncer.ensure_table::<Customer>().await?;
        syncer.ensure_table::<Subscription>().await?;
        audit::create_table(&pool).await?;

        let live = Live::builder(syncer.clone())
            .model::<Customer>()
            .model::<Subscription>()
            .in_transaction::<sqlx::Sqlite, _>("customer.*", audit::write)
            .on("customer.*", print);
        let live = secrets.into_iter().fold(live, |live, it| live.secret(it));
        Ok(Self {
            live: live.build()?,
            pool,
            syncer,
        })
    }

    pub fn router(&self) -> Router {
        routes::router(self.live.clone(), self.pool.clone())
    }

    /// What was there before the first event. To be called when the endpoint is there. Runs end early where `stopping`
    /// does, and the next start resumes them.
    pub async fn backfill<S: Future<Output = ()> + Send>(
        &self,
        stopping: impl Fn() -> S,
    ) -> Result<(), SyncError> {
        let (syncer, options) = (&self.syncer, SyncAllOptions::default);
        // Notes where Stripe's list of events is to be followed from, so that no change falls between it and the tables.
        self.live.catch_up().await?;
        let customers = syncer.sync_all_until::<Customer>(options(), stopping());
        println!("{}", customers.await?);
        let subscriptions = syncer.sync_all_until::<Subscription>(options(), stopping());
        println!("{}", subscriptions.await?);
        Ok(())
    }
}

/// After the commit: who reads the row now reads what the event told of. It may be told twice, which a line can bear.
async fn print(event: Event) -> Result<(), HandlerError> {
    let object = event.object_id().unwrap_or("an object without an id");
    println!("  handler: {} {object}", event.kind());
    Ok(())
}
