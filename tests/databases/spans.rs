//! What happens in a run is seen inside the run's span: requests to Stripe, and what a `sync` hook says.

use std::sync::{Arc, Mutex};

use stripe_sync::hooks::TypedSyncContext;
use stripe_sync::testing::{FakeStripe, FakeStripeExt as _};
use stripe_sync::{
    DatabaseKind, HookError, Outcome, StripeObject, StripeSync, Syncer, reexport::sqlx,
};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context as Layered, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use super::database::Database;

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers", database = postgres, sync = said)]
struct Customer {
    id: String,
    email: Option<String>,
}

async fn said(
    _: &StripeObject,
    cx: &mut TypedSyncContext<'_, sqlx::Postgres>,
) -> Result<Outcome, HookError> {
    let outcome = cx.sync_default().await?;
    tracing::info!(name: "hook.said", "the hook was called");
    Ok(outcome)
}

/// Writes down the spans around each span and each event, the outermost first.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

impl Recorder {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Recorder {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, cx: Layered<'_, S>) {
        let scope = cx.span_scope(id).unwrap().from_root();
        let path: Vec<&str> = scope.map(|span| span.name()).collect();
        self.0.lock().unwrap().push(path.join("/"));
    }

    fn on_event(&self, event: &Event<'_>, cx: Layered<'_, S>) {
        let scope = cx.event_scope(event).into_iter();
        let scope = scope.flat_map(|scope| scope.from_root());
        let mut path: Vec<&str> = scope.map(|span| span.name()).collect();
        path.push(event.metadata().name());
        self.0.lock().unwrap().push(path.join("/"));
    }
}

#[test]
fn a_hook_and_requests_are_inside_the_span_of_their_run() {
    let recorder = Recorder::default();
    // Of the whole process, because a run's tasks are on other threads; no other test of this process records.
    let subscriber = tracing_subscriber::registry().with(recorder.clone());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let fake = FakeStripe::builder().seed(1).start().await.unwrap();
        fake.generate("customer", 120).unwrap();
        let database = Database::create(DatabaseKind::Postgres).await;
        let syncer = Syncer::new(fake.stripe().unwrap(), database.store());
        syncer.ensure_table::<Customer>().await.unwrap();
        let id = fake.ids("customer").remove(0);
        drop(recorder.take());
        syncer.sync_all::<Customer>().await.unwrap();
        let run = recorder.take();
        syncer.sync_by_ids::<Customer>([id]).await.unwrap();
        let by_ids = recorder.take();

        for (paths, span, hooks) in [
            (run, "stripe_sync.sync_all", 120),
            (by_ids, "stripe_sync.sync_by_ids", 1),
        ] {
            let of = |name: &str| {
                let end = format!("/{name}");
                let paths = paths.iter().filter(move |path| path.ends_with(&end));
                paths.cloned().collect::<Vec<_>>()
            };
            let (said, requests) = (of("hook.said"), of("stripe.request"));
            assert_eq!(said.len(), hooks, "{said:?}");
            assert!(!requests.is_empty());
            for path in said.iter().chain(&requests) {
                assert!(path.starts_with(span), "{path} is outside of {span}");
            }
        }
        database.remove().await;
    });
}
