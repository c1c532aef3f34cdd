//! The application's handlers, inside the transaction and after it, and what becomes of events that fail.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::json;
use stripe_sync::live::{EventFilter, EventState, HandlerError, Live, LiveBuilder, Retention};
use stripe_sync::reexport::sqlx::{self, MySql, Postgres, Sqlite};
use stripe_sync::webhook::{Event, WebhookSecret};
use stripe_sync::{Change, Context, StripeSync, Syncer};

use super::database::Pool;
use super::service::{Customer, Service, deliver, process};

pub(crate) const AUDIT: &str = "CREATE TABLE audit (event VARCHAR(255) NOT NULL)";

fn insert<'c, D, E>(
    event: &'c Event,
    connection: E,
    mark: &str,
) -> BoxFuture<'c, Result<(), HandlerError>>
where
    D: sqlx::Database,
    E: sqlx::Executor<'c, Database = D> + 'c,
    for<'q> String: sqlx::Encode<'q, D> + sqlx::Type<D>,
    D::Arguments: sqlx::IntoArguments<D>,
{
    let sql = sqlx::AssertSqlSafe(format!("INSERT INTO audit (event) VALUES ({mark})"));
    let query = sqlx::query(sql).bind(event.id().to_owned());
    Box::pin(async move {
        query.execute(connection).await?;
        Ok(())
    })
}

/// A handler of `customer.*` that writes the event's id into the table `audit`, and then may fail.
fn auditing(service: &Service, builder: LiveBuilder, fails: Arc<AtomicBool>) -> LiveBuilder {
    auditing_of("customer.*", service, builder, fails)
}

/// The same of another pattern.
pub(crate) fn auditing_of(
    pattern: &'static str,
    service: &Service,
    builder: LiveBuilder,
    fails: Arc<AtomicBool>,
) -> LiveBuilder {
    macro_rules! handler {
        ($database:ident, $mark:literal) => {
            builder.in_transaction_boxed::<$database, _>(pattern, move |event, connection| {
                let fails = fails.load(Ordering::Relaxed);
                let inserted = insert::<$database, _>(event, connection, $mark);
                Box::pin(async move {
                    inserted.await?;
                    if fails {
                        Err("the handler's own error".into())
                    } else {
                        Ok(())
                    }
                })
            })
        };
    }
    match service.database.pool {
        Pool::Sqlite(_) => handler!(Sqlite, "?"),
        Pool::Postgres(_) => handler!(Postgres, "$1"),
        Pool::MySql(_) => handler!(MySql, "?"),
    }
}

pub(crate) async fn what_a_handler_writes_happens_once(service: &Service) {
    service.run(AUDIT).await;
    let live = auditing(service, service.builder(), Arc::default())
        .build()
        .unwrap();
    let made = service.fake.create("customer", json!({})).unwrap();
    let id = made["id"].as_str().unwrap();
    service.fake.update(id, json!({"name": "b"})).unwrap();
    for delivery in service.fake.take_deliveries() {
        deliver(&live, &delivery).await;
        deliver(&live, &delivery).await;
    }
    process(&live).await;
    process(&live).await;
    // Each of the two events, though their object was read once.
    assert_eq!(service.number("SELECT COUNT(*) FROM audit").await, 2);
    assert_eq!(service.requests("/v1/customers/{id}"), 1);
}

pub(crate) async fn a_handler_that_fails_undoes_the_write_and_is_tried_again(service: &Service) {
    service.run(AUDIT).await;
    let fails = Arc::new(AtomicBool::new(true));
    let live = auditing(service, service.builder(), Arc::clone(&fails))
        .build()
        .unwrap();
    service.fake.create("customer", json!({})).unwrap();
    for delivery in service.fake.take_deliveries() {
        deliver(&live, &delivery).await;
    }
    let processed = live.drain().await.unwrap();
    assert_eq!((processed.retried, processed.objects), (1, 0));
    assert_eq!(service.number("SELECT COUNT(*) FROM audit").await, 0);
    assert_eq!(service.number("SELECT COUNT(*) FROM customers").await, 0);
    let failed = live.events(&EventFilter::new()).await.unwrap();
    assert_eq!(failed[0].state, EventState::Pending);
    let reason = failed[0].reason.as_deref().unwrap_or_default();
    assert!(reason.contains("the handler's own error"), "{reason}");

    fails.store(false, Ordering::Relaxed);
    service.run("UPDATE stripe_sync_work SET due_at = 0").await;
    process(&live).await;
    assert_eq!(service.number("SELECT COUNT(*) FROM audit").await, 1);
    service.assert_truth::<Customer>().await;
}

pub(crate) async fn after_a_commit_each_is_delivered(service: &Service) {
    let told = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&told);
    let live = service
        .builder()
        .on("customer.*", move |event| {
            let count = Arc::clone(&count);
            async move {
                assert!(event.object_id().is_some());
                // The first time it fails: it is told once more.
                match count.fetch_add(1, Ordering::Relaxed) {
                    0 => Err("not now".into()),
                    _ => Ok(()),
                }
            }
        })
        .build()
        .unwrap();
    service.fake.create("customer", json!({})).unwrap();
    for delivery in service.fake.take_deliveries() {
        deliver(&live, &delivery).await;
    }
    let processed = process(&live).await;
    assert_eq!((processed.delivered, processed.redelivered), (1, 1));
    service.assert_truth::<Customer>().await;
    assert_eq!(
        process(&live).await.delivered,
        0,
        "not before it is due again"
    );
    service
        .run("UPDATE stripe_sync_outbox SET due_at = 0")
        .await;
    let processed = process(&live).await;
    assert_eq!((processed.delivered, processed.redelivered), (1, 0));
    assert_eq!(told.load(Ordering::Relaxed), 2);
    assert_eq!(
        service
            .number("SELECT COUNT(*) FROM stripe_sync_outbox")
            .await,
        0
    );
}

pub(crate) async fn an_event_that_fails_for_good_is_a_dead_letter_that_can_be_replayed(
    service: &Service,
) {
    service.run(AUDIT).await;
    let fails = Arc::new(AtomicBool::new(true));
    let builder = auditing(service, service.builder(), Arc::clone(&fails));
    let live = builder.max_attempts(2).build().unwrap();
    service.fake.create("customer", json!({})).unwrap();
    for delivery in service.fake.take_deliveries() {
        deliver(&live, &delivery).await;
    }
    assert_eq!(live.drain().await.unwrap().retried, 1);
    service.run("UPDATE stripe_sync_work SET due_at = 0").await;
    assert_eq!(live.drain().await.unwrap().dead, 1);
    let dead = EventFilter::new().state(EventState::Dead);
    let letters = live.events(&dead).await.unwrap();
    assert_eq!(letters.len(), 1);
    assert!(letters[0].reason.is_some());
    assert_eq!(live.counts().await.unwrap().dead, 1);

    fails.store(false, Ordering::Relaxed);
    assert_eq!(live.replay(&dead).await.unwrap(), 1);
    process(&live).await;
    assert_eq!(service.number("SELECT COUNT(*) FROM audit").await, 1);
    service.assert_truth::<Customer>().await;
    // What is done can be replayed as well, and its handlers run again.
    let by_kind = EventFilter::new().kind("customer.created");
    assert_eq!(live.replay(&by_kind).await.unwrap(), 1);
    process(&live).await;
    assert_eq!(service.number("SELECT COUNT(*) FROM audit").await, 2);
}

pub(crate) async fn a_request_waits_for_its_event(service: &Service) {
    let live = service.live();
    service.fake.create("customer", json!({})).unwrap();
    let delivery = service.fake.take_deliveries().remove(0);
    let limit = Duration::from_millis(120);
    assert!(!live.wait_for(&delivery.event_id, limit).await.unwrap());
    let running = tokio::spawn(
        service
            .builder()
            .catch_up_every(None)
            .build()
            .unwrap()
            .run(),
    );
    let waiting = live.wait_for(&delivery.event_id, Duration::from_secs(20));
    let (waited, status) = tokio::join!(waiting, deliver(&live, &delivery));
    assert_eq!((waited.unwrap(), status), (true, 200));
    service.assert_truth::<Customer>().await;
    running.abort();
}

pub(crate) async fn old_events_are_purged(service: &Service) {
    let now = Retention::default()
        .done(Duration::ZERO)
        .dead(Duration::from_secs(3_600));
    let live = service.builder().retention(now).build().unwrap();
    service.fake.create("customer", json!({})).unwrap();
    service
        .fake
        .create("product", json!({"name": "ignored"}))
        .unwrap();
    for delivery in service.fake.take_deliveries() {
        deliver(&live, &delivery).await;
    }
    process(&live).await;
    service.fake.create("customer", json!({})).unwrap();
    for delivery in service.fake.take_deliveries() {
        deliver(&live, &delivery).await;
    }
    tokio::time::sleep(Duration::from_millis(20)).await;
    // What waits is kept.
    assert_eq!(live.purge_expired().await.unwrap(), 2);
    assert_eq!(live.counts().await.unwrap().pending, 1);
    let kept = service.live();
    assert_eq!(kept.purge_expired().await.unwrap(), 0);
}

/// What the hook of [`Watched`] was told.
#[derive(Default)]
struct Told(Mutex<Vec<String>>);

/// A second model of the same resource, with a hook.
#[derive(StripeSync)]
#[stripe(object = "customer", table = "watched", after_commit = told)]
struct Watched {
    id: String,
    name: Option<String>,
}

fn told(change: Change<Watched>, context: &Context) -> Result<(), HandlerError> {
    let name = |row: Option<&Watched>| row.and_then(|row| row.name.clone()).unwrap_or_default();
    let text = format!(
        "{}→{} {:?}",
        name(change.before()),
        name(change.after()),
        change.origin()
    );
    let told = context.state::<Arc<Told>>().ok_or("no state")?;
    let mut told = told.0.lock().unwrap();
    told.push(text);
    // The first call fails: the change is kept, and told again.
    if told.len() == 1 {
        return Err("not now".into());
    }
    Ok(())
}

pub(crate) async fn a_hook_gets_each_change_at_least_once(service: &Service) {
    let state = Arc::new(Told::default());
    let syncer = Syncer::builder(service.syncer.stripe().clone(), service.database.store());
    let syncer = syncer.state(Arc::clone(&state)).build();
    syncer.ensure_table::<Watched>().await.unwrap();
    // Of two models of one resource, the first one's changes are told too.
    let live = Live::builder(syncer)
        .model::<Watched>()
        .model::<Customer>()
        .secret(WebhookSecret::new(&service.endpoint.secret).unwrap())
        .build()
        .unwrap();
    let made = service
        .fake
        .create("customer", json!({"name": "a"}))
        .unwrap();
    let id = made["id"].as_str().unwrap();
    let step = async || {
        for delivery in service.fake.take_deliveries() {
            deliver(&live, &delivery).await;
        }
        service
            .run("UPDATE stripe_sync_outbox SET due_at = 0")
            .await;
        process(&live).await
    };
    assert_eq!(step().await.redelivered, 1);
    service.fake.update(id, json!({"name": "b"})).unwrap();
    // In their order: the first change before the second.
    step().await;
    service.fake.delete(id).unwrap();
    step().await;
    let told = state.0.lock().unwrap().clone();
    assert_eq!(told, ["→a Event", "→a Event", "a→b Event", "b→ Event"]);
    assert_eq!(
        service
            .number("SELECT COUNT(*) FROM stripe_sync_outbox")
            .await,
        0
    );
}
