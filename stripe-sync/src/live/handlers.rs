//! The application's own functions for events, by type.

pub(crate) mod unheard;

use std::fmt;
use std::future::Future;
use std::time::Duration;

use futures_util::future::BoxFuture;

use stripe_sync_schema::catalogue;

use crate::calls::{call, call_within};
use crate::live::error::LiveError;
use crate::store::db::{Conn, DatabaseKind, Link};
use crate::store::events::completion::Handlers;
use crate::store::events::{InboxEvent, ObjectRef};
use crate::webhook::event::Event;
use crate::webhook::event_type::{EventType, fits};
use crate::webhook::form::{HandlerForm, plain};

/// What a handler returns when it fails.
pub type HandlerError = Box<dyn std::error::Error + Send + Sync>;

type Handled<'c> = BoxFuture<'c, Result<(), HandlerError>>;
type After = Box<dyn Fn(Event) -> Handled<'static> + Send + Sync>;

/// A handler that takes the connection of one database.
type OnConnection<C> = Box<dyn for<'c> Fn(&'c Event, &'c mut C) -> Handled<'c> + Send + Sync>;

type OnAnyConnection =
    dyn for<'c> Fn(&'c Event, &'c mut Conn<'_>) -> Option<Handled<'c>> + Send + Sync;

/// A handler that runs inside the transaction. On a connection of another database it returns nothing.
#[doc(hidden)]
pub struct Inside {
    types: EventType,
    database: DatabaseKind,
    handler: Box<OnAnyConnection>,
}

/// A database whose connection a handler takes: `sqlx::Sqlite`, `sqlx::Postgres` or `sqlx::MySql`.
pub trait HandlerDatabase: sqlx::Database + sealed::Registered {}

/// An `async fn` from an event and a connection to `Result<(), HandlerError>`, whose future is `Send`.
#[diagnostic::on_unimplemented(
    message = "expected `async fn(&Event, &mut {C}) -> Result<(), HandlerError>`, got `{Self}`",
    note = "a closure that captures something is given to `in_transaction_boxed`"
)]
pub trait TransactionHandler<'c, C: 'c>:
    Fn(&'c Event, &'c mut C) -> Self::Running + Send + Sync
{
    /// The future of a call.
    type Running: Future<Output = Result<(), HandlerError>> + Send + 'c;
}

impl<'c, C, F, R> TransactionHandler<'c, C> for F
where
    C: 'c,
    F: Fn(&'c Event, &'c mut C) -> R + Send + Sync,
    R: Future<Output = Result<(), HandlerError>> + Send + 'c,
{
    type Running = R;
}

mod sealed {
    use super::{EventType, Inside, OnConnection};

    /// Takes a handler of the database. Only this crate's databases do.
    pub trait Registered: sqlx::Database {
        #[doc(hidden)]
        fn register(types: EventType, handler: OnConnection<Self::Connection>) -> Inside;
    }
}

macro_rules! drivers {
    ($($feature:literal $database:ident $connection:ident;)*) => {$(
        #[cfg(feature = $feature)]
        impl HandlerDatabase for sqlx::$database {}
        #[cfg(feature = $feature)]
        impl sealed::Registered for sqlx::$database {
            fn register(types: EventType, handler: OnConnection<sqlx::$connection>) -> Inside {
                Inside {
                    types,
                    database: DatabaseKind::$database,
                    handler: Box::new(move |event, conn| match &mut conn.link {
                        Link::$database(connection) => Some(handler(event, &mut **connection)),
                        #[allow(unreachable_patterns, reason = "one database may be the only one")]
                        _ => None,
                    }),
                }
            }
        }
    )*};
}
drivers! {
    "sqlite" Sqlite SqliteConnection;
    "postgres" Postgres PgConnection;
    "mysql" MySql MySqlConnection;
}

/// All handlers, in the order in which they were given.
#[derive(Default)]
pub(crate) struct HandlerTable {
    /// Whether changes are written for those who subscribe.
    pub(crate) keeps_changes: bool,
    /// The form of events that they are called for.
    pub(crate) form: HandlerForm,
    /// How long each may take.
    pub(crate) timeout: Duration,
    pub(crate) inside: Vec<Inside>,
    pub(crate) after: Vec<(EventType, After)>,
}

impl HandlerTable {
    /// Whether there are no handlers.
    pub(crate) fn is_empty(&self) -> bool {
        self.inside.is_empty() && self.after.is_empty()
    }

    /// Whether any handler is called for events of a type, as Stripe writes it.
    pub(crate) fn wants(&self, kind: &str) -> bool {
        self.form.follows(kind) && self.names(kind)
    }

    /// Whether any handler names a type, in whatever form its events are.
    pub(crate) fn names(&self, kind: &str) -> bool {
        self.types().any(|types| fits(types.as_str(), plain(kind)))
    }

    /// The types of all handlers.
    fn types(&self) -> impl Iterator<Item = &EventType> {
        let inside = self.inside.iter().map(|inside| &inside.types);
        inside.chain(self.after.iter().map(|(types, _)| types))
    }

    /// The types of snapshot events that handlers are called for: each known one that fits a pattern, and those that a
    /// handler names though they are not known.
    pub(crate) fn event_types(&self) -> impl Iterator<Item = &str> {
        let known = catalogue::event_types().iter().copied();
        let unknown = self.types().filter(|types| types.is_newer_snapshot());
        known
            .chain(unknown.map(EventType::as_str))
            .filter(|kind| self.wants(kind))
    }

    /// The first handler that names no known type, and the first one inside the transaction of another database.
    pub(crate) fn check(&self, database: DatabaseKind) -> Result<(), LiveError> {
        if let Some(types) = self.types().find(|types| !types.is_known()) {
            return Err(LiveError::UnknownEventType {
                event_type: types.as_str().to_owned(),
                nearest: types.nearest(),
            });
        }
        let mut inside = self.inside.iter();
        match inside.find(|inside| inside.database != database) {
            None => Ok(()),
            Some(inside) => Err(LiveError::OtherDatabase {
                event_type: inside.types.as_str().to_owned(),
                expected: database,
                found: inside.database,
            }),
        }
    }

    /// The patterns of the handlers that run after the transaction.
    pub(crate) fn after_patterns(&self) -> impl Iterator<Item = &str> {
        self.after.iter().map(|(types, _)| types.as_str())
    }

    /// Runs the handlers that run after the transaction.
    pub(crate) async fn run_after(&self, event: &Event) -> Result<(), HandlerError> {
        for (types, handler) in &self.after {
            if fits(types.as_str(), event.snapshot_kind()) {
                call_within(self.timeout, async { handler(event.clone()).await }).await??;
            }
        }
        Ok(())
    }
}

impl Handlers for HandlerTable {
    fn in_transaction<'a>(
        &'a self,
        stored: &'a InboxEvent,
        conn: &'a mut Conn<'_>,
    ) -> BoxFuture<'a, Result<(), HandlerError>> {
        Box::pin(async move {
            let kind = plain(&stored.kind);
            let fitting = |inside: &&Inside| fits(inside.types.as_str(), kind);
            let mut handlers = self.inside.iter().filter(fitting).peekable();
            if !self.form.follows(&stored.kind) || handlers.peek().is_none() {
                return Ok(());
            }
            let event = Event::parse(stored.payload.clone())?;
            for inside in handlers {
                // It may panic before it returns a future.
                let called = call(|| (inside.handler)(&event, conn))?;
                let wrong = || {
                    let pattern = &inside.types;
                    format!(
                        "the handler of {pattern} takes the connection of another database than the syncer's"
                    )
                };
                call_within(self.timeout, called.ok_or_else(wrong)?).await??;
            }
            Ok(())
        })
    }

    fn has_after_commit(&self, event: &InboxEvent) -> bool {
        let mut patterns = self.after_patterns();
        self.form.follows(&event.kind) && patterns.any(|pattern| fits(pattern, plain(&event.kind)))
    }

    fn about(&self, event: &InboxEvent) -> Option<ObjectRef> {
        about(event)
    }

    fn keeps_changes(&self) -> bool {
        self.keeps_changes
    }
}

impl fmt::Debug for HandlerTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let patterns = self.types().map(EventType::as_str);
        f.debug_list().entries(patterns).finish()
    }
}

/// The object that an event is about, as it says itself.
pub(crate) fn about(event: &InboxEvent) -> Option<ObjectRef> {
    let event = Event::parse(event.payload.clone()).ok()?;
    Some(ObjectRef::new(event.object()?, event.object_id()?))
}
