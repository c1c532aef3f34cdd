//! Every public future inside a program's own: its state does not count towards the compiler's recursion limit there.
//!
//! The default limit is 128, of which half is left to the program here. It is the build that fails, not the test.
#![recursion_limit = "64"]

use std::time::Duration;

use futures_util::FutureExt as _;
use stripe_sync::live::{EventFilter, Live};
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{
    Registry, StripeObject, StripeSync, SyncAllOptions, SyncError, Syncer, reexport::sqlx,
};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
}

async fn sync(syncer: &Syncer, id: &str, json: String) -> Result<u64, SyncError> {
    let models = || Registry::new().model::<Customer>();
    syncer.ensure_table::<Customer>().await?;
    syncer.check_table::<Customer>().await?;
    syncer.ensure_models(models()).await;
    syncer.check_models(models()).await;
    syncer.plan_models(models()).await;
    syncer.plan::<Customer>().await?;
    syncer.backfill_status::<Customer>().await?;
    syncer.sync_all::<Customer>().await?;
    syncer
        .sync_models(models(), SyncAllOptions::default())
        .await;
    syncer.sync_by_ids::<Customer>([id]).await?;
    let token = syncer.start_read().await?;
    let object = StripeObject::from_json(json).map(|object| object.read_since(token));
    if let Ok(object) = object {
        syncer.sync::<Customer>(object).await?;
    }
    let failed = syncer.failed_rows::<Customer>().await?;
    Ok(failed.len() as u64)
}

async fn follow(live: &Live, id: &str) -> Result<u64, SyncError> {
    let all = EventFilter::new();
    live.receive_trusted("{}").await;
    live.receive(&http::HeaderMap::new(), "{}").await;
    live.catch_up().await?;
    live.fetch_events([""; 0]).await?;
    let undelivered = stripe_sync::webhook::ListedEvents::new().only_undelivered(true);
    live.fetch_listed(&undelivered).await?;
    live.drain().await?;
    let _ = live.wait_for_object::<Customer>(id, Duration::ZERO).await?;
    live.wait_for("evt_1", Duration::ZERO).await?;
    live.redeliver().await?;
    live.replay(&all).await?;
    live.purge_expired().await?;
    live.changes(None).await.map(drop)?;
    live.counts().await?;
    let events = live.events(&all).await?;
    assert!(live.clone().run().now_or_never().is_none());
    Ok(events.len() as u64)
}

#[tokio::test]
async fn public_futures_nest() {
    let fake = FakeStripe::builder().seed(1).start().await.unwrap();
    let new = fake.create("customer", serde_json::json!({})).unwrap();
    let pool = sqlx::SqlitePool::connect("sqlite::memory:").await.unwrap();
    let syncer = Syncer::new(fake.stripe().unwrap(), pool);
    let id = new["id"].as_str().unwrap();
    assert_eq!(sync(&syncer, id, new.to_string()).await.unwrap(), 0);
    let live = Live::builder(syncer)
        .model::<Customer>()
        .record_changes(true);
    assert_eq!(follow(&live.build().unwrap(), id).await.unwrap(), 0);
}
