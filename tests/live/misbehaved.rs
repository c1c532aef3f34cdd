//! Hooks and handlers that panic, fail, never return or are slow: each is the matter of its own object or message.

use std::collections::BTreeSet;
use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use stripe_sync::live::{EventFilter, EventState, HandlerError, Live, LiveBuilder};
use stripe_sync::webhook::{Event, WebhookSecret};
use stripe_sync::{StripeSync, Syncer, reexport::sqlx};

use super::database::Pool;
use super::service::{Service, deliver_all};

/// What is called for each object, in this order.
const HOOKS: [&str; 5] = [
    "pre_set_default",
    "set_default",
    "post_set_default",
    "sync",
    "after_commit",
];
const HANDLERS: [&str; 2] = ["in_transaction", "on"];
/// What a call does; `slow` is none of the faults.
const WAYS: [&str; 4] = ["panic", "error", "hang", "slow"];
/// How long a call may take here.
const LIMIT: Duration = Duration::from_secs(2);

/// What the application knows: whether its functions are mended, and what they were told of.
#[derive(Default)]
pub(crate) struct Application {
    is_mended: AtomicBool,
    told: Mutex<BTreeSet<String>>,
}

impl Application {
    /// Does what the id of an object says that this function does.
    async fn call(&self, function: &str, id: &str) -> Result<(), HandlerError> {
        let way = id
            .strip_prefix(function)
            .and_then(|id| id.strip_prefix('-'));
        let way = way.filter(|_| !self.is_mended.load(Ordering::Relaxed));
        match way {
            Some("panic") => panic!("a bug in {function}"),
            Some("error") => Err(format!("{function} does not want it").into()),
            Some("hang") => pending().await,
            Some("slow") => {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn told(&self, function: &str, id: &str) {
        let mut told = self.told.lock().unwrap();
        told.insert(format!("{function} of {id}"));
    }
}

macro_rules! models {
    ($($module:ident $database:ident;)*) => {$(
        mod $module {
            use std::sync::Arc;

            use stripe_sync::hooks::TypedSyncContext;
            use stripe_sync::live::HandlerError;
            use stripe_sync::{Change, Context, Outcome, StripeObject, StripeSync, reexport::sqlx};

            use super::Application;

            #[derive(StripeSync)]
            #[stripe(
                object = "coupon",
                table = "misbehaved",
                database = $module,
                pre_set_default = before,
                set_default = map,
                post_set_default = after,
                sync = write,
                after_commit = tell
            )]
            pub(super) struct Misbehaved {
                id: String,
                name: Option<String>,
            }

            async fn call(context: &Context, function: &str, id: &str) -> Result<(), HandlerError> {
                let application = context.state::<Arc<Application>>().ok_or("no state")?;
                application.call(function, id).await
            }

            async fn before(object: &mut StripeObject, context: &Context) -> Result<(), HandlerError> {
                call(context, "pre_set_default", object.id()).await
            }

            async fn map(object: &StripeObject, context: &Context) -> Result<Misbehaved, HandlerError> {
                call(context, "set_default", object.id()).await?;
                Ok(Misbehaved::from_stripe(object, context)?)
            }

            async fn after(row: &mut Misbehaved, context: &Context) -> Result<(), HandlerError> {
                call(context, "post_set_default", &row.id).await
            }

            async fn write(
                object: &StripeObject,
                cx: &mut TypedSyncContext<'_, sqlx::$database>,
            ) -> Result<Outcome, HandlerError> {
                // What it wrote is undone with it.
                let outcome = cx.sync_default().await?;
                call(cx.context(), "sync", object.id()).await?;
                Ok(outcome)
            }

            async fn tell(change: Change<Misbehaved>, context: &Context) -> Result<(), HandlerError> {
                let id = change.after().map(|row| row.id.clone()).unwrap_or_default();
                call(context, "after_commit", &id).await?;
                let application = context.state::<Arc<Application>>().ok_or("no state")?;
                application.told("after_commit", &id);
                Ok(())
            }
        }
    )*};
}
models! {
    sqlite Sqlite;
    postgres Postgres;
    mysql MySql;
}

/// A syncer for the functions of an application.
fn syncer(service: &Service, application: &Arc<Application>) -> Syncer {
    Syncer::builder(service.syncer.stripe().clone(), service.database.store())
        .state(Arc::clone(application))
        .hook_timeout(LIMIT)
        .build()
}

/// One object for each way of each function, and two that nothing is said of.
fn create(service: &Service, functions: &[&str]) -> BTreeSet<String> {
    let ways = functions
        .iter()
        .flat_map(|function| WAYS.map(|way| format!("{function}-{way}")));
    let ids: BTreeSet<String> = ["first", "last"]
        .map(str::to_owned)
        .into_iter()
        .chain(ways)
        .collect();
    for id in &ids {
        service.fake.create("coupon", json!({"id": id})).unwrap();
    }
    ids
}

/// Those of the objects whose row or message fails, because a function of these does.
fn failing(ids: &BTreeSet<String>, functions: &[&str]) -> BTreeSet<String> {
    let fails = |id: &&String| {
        let split = id.rsplit_once('-');
        split.is_some_and(|(function, way)| functions.contains(&function) && way != "slow")
    };
    ids.iter().filter(fails).cloned().collect()
}

async fn rows(service: &Service) -> BTreeSet<String> {
    let select = "SELECT id FROM misbehaved";
    let ids: Vec<String> = match &service.database.pool {
        Pool::Sqlite(pool) => sqlx::query_scalar(select).fetch_all(pool).await,
        Pool::Postgres(pool) => sqlx::query_scalar(select).fetch_all(pool).await,
        Pool::MySql(pool) => sqlx::query_scalar(select).fetch_all(pool).await,
    }
    .unwrap();
    ids.into_iter().collect()
}

/// What is said of a failure names the function and, of a panic, its place.
fn assert_named(id: &str, reason: &str) {
    let (function, way) = id.rsplit_once('-').unwrap();
    let expected = match way {
        "panic" => vec![
            "panicked at tests/live/misbehaved.rs:".to_owned(),
            format!("a bug in {function}"),
        ],
        "error" => vec![format!("{function} does not want it")],
        _ => vec!["did not return within 2s".to_owned()],
    };
    for expected in expected {
        assert!(reason.contains(&expected), "{id}: {reason}");
    }
}

pub(crate) async fn a_run_goes_on(service: &Service) {
    match service.database.pool {
        Pool::Sqlite(_) => run::<sqlite::Misbehaved>(service).await,
        Pool::Postgres(_) => run::<postgres::Misbehaved>(service).await,
        Pool::MySql(_) => run::<mysql::Misbehaved>(service).await,
    }
}

async fn run<M: StripeSync>(service: &Service) {
    let application = Arc::new(Application::default());
    let syncer = syncer(service, &application);
    syncer.ensure_table::<M>().await.unwrap();
    let ids = create(service, &HOOKS);
    let unwritten = failing(&ids, &HOOKS[..4]);
    let report = syncer.sync_all::<M>().await.unwrap();
    assert_eq!(rows(service).await, &ids - &unwritten);
    let failed: BTreeSet<String> = report.failures.iter().map(|one| one.id.clone()).collect();
    assert_eq!(failed, failing(&ids, &HOOKS));
    for failure in &report.failures {
        assert_named(&failure.id, &failure.reason);
    }
    let kept = syncer.failed_rows::<M>().await.unwrap();
    let kept: BTreeSet<String> = kept.into_iter().map(|row| row.id).collect();
    assert_eq!(kept, unwritten);
    // One by one they fail by themselves, too.
    let report = syncer.sync_by_ids::<M>(&ids).await.unwrap();
    let failed: BTreeSet<String> = report.failures.iter().map(|one| one.id.clone()).collect();
    assert_eq!(failed, unwritten);

    application.is_mended.store(true, Ordering::Relaxed);
    let report = syncer.sync_all::<M>().await.unwrap();
    assert!(report.is_complete(), "{report}");
    assert_eq!(rows(service).await, ids);
    assert!(syncer.failed_rows::<M>().await.unwrap().is_empty());
}

pub(crate) async fn the_service_goes_on(service: &Service) {
    match service.database.pool {
        Pool::Sqlite(_) => live::<sqlite::Misbehaved>(service).await,
        Pool::Postgres(_) => live::<postgres::Misbehaved>(service).await,
        Pool::MySql(_) => live::<mysql::Misbehaved>(service).await,
    }
}

/// A service with a handler of each sort.
fn handling<M: StripeSync>(service: &Service, application: &Arc<Application>) -> Live {
    let builder = Live::builder(syncer(service, application))
        .model::<M>()
        .secret(WebhookSecret::new(&service.endpoint.secret).unwrap());
    let inside = |builder: LiveBuilder| {
        macro_rules! handler {
            ($database:ident) => {{
                let application = Arc::clone(application);
                builder.in_transaction_boxed::<sqlx::$database, _>("*", move |event, _| {
                    let application = Arc::clone(&application);
                    Box::pin(async move {
                        let id = event.object_id().unwrap_or_default();
                        application.call("in_transaction", id).await
                    })
                })
            }};
        }
        match service.database.pool {
            Pool::Sqlite(_) => handler!(Sqlite),
            Pool::Postgres(_) => handler!(Postgres),
            Pool::MySql(_) => handler!(MySql),
        }
    };
    let application = Arc::clone(application);
    let after = move |event: Event| {
        let application = Arc::clone(&application);
        async move {
            let id = event.object_id().unwrap_or_default();
            application.call("on", id).await?;
            application.told("on", id);
            Ok(())
        }
    };
    inside(builder).on("*", after).build().unwrap()
}

async fn live<M: StripeSync>(service: &Service) {
    let application = Arc::new(Application::default());
    let live = handling::<M>(service, &application);
    service.syncer.ensure_table::<M>().await.unwrap();
    let functions = [&HOOKS[..], &HANDLERS].concat();
    let ids = create(service, &functions);
    let unwritten = failing(&ids, &[&HOOKS[..4], &HANDLERS[..1]].concat());
    deliver_all(service, &live).await;
    let processed = live.drain().await.unwrap();
    assert_eq!(rows(service).await, &ids - &unwritten);
    // How often the others are tried again meanwhile is a matter of time.
    let failed = (processed.retried > 0, processed.redelivered > 0);
    let given_up = (processed.dead, processed.never_delivered);
    assert_eq!((failed, given_up), ((true, true), (0, 0)), "{processed:?}");
    let pending = live
        .events(&EventFilter::new().state(EventState::Pending))
        .await;
    let pending = pending.unwrap();
    assert_eq!(pending.len(), unwritten.len());
    for event in &pending {
        let about = Event::parse(event.payload.clone()).unwrap();
        let reason = event.reason.as_deref().unwrap_or_default();
        assert_named(about.object_id().unwrap(), reason);
    }
    let told_of = |function: &str, ids: &BTreeSet<String>| {
        ids.iter()
            .map(|id| format!("{function} of {id}"))
            .collect::<BTreeSet<String>>()
    };
    let written = &ids - &unwritten;
    let expected = &told_of(
        "after_commit",
        &(&written - &failing(&ids, &["after_commit"])),
    ) | &told_of("on", &(&written - &failing(&ids, &["on"])));
    // The message of an event waits behind that of the change, if it is of the same object.
    let behind = told_of("on", &failing(&ids, &["after_commit"]));
    assert_eq!(*application.told.lock().unwrap(), &expected - &behind);

    application.is_mended.store(true, Ordering::Relaxed);
    for table in ["work", "outbox"] {
        let due = format!("UPDATE stripe_sync_{table} SET due_at = 0");
        service.run(&due).await;
    }
    let processed = live.drain().await.unwrap();
    assert_eq!(
        (processed.retried, processed.redelivered),
        (0, 0),
        "{processed:?}"
    );
    assert_eq!(rows(service).await, ids);
    let all = &told_of("after_commit", &ids) | &told_of("on", &ids);
    assert_eq!(*application.told.lock().unwrap(), all);
    let left = "SELECT COUNT(*) FROM stripe_sync_outbox";
    assert_eq!(service.number(left).await, 0);
}
