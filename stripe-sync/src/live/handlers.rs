//! The application's own functions for events, by type.

pub(crate) mod unheard;

use std::fmt;
use std::future::ready;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::calls;
use crate::calls::call_within;
use crate::live::error::LiveError;
use crate::store::db::{Conn, DatabaseKind, Link};
use crate::store::events::completion::Handlers;
use crate::store::events::{InboxEvent, ObjectRef};
use crate::webhook::event::Event;
use crate::webhook::event_type::{EventType, fits};
use crate::webhook::form::{HandlerForm, plain};

/// What a handler returns when it fails.
pub type HandlerError = Box<dyn std::error::Error + Send + Sync>;

type After = Box<dyn Fn(Event) -> BoxFuture<'static, Result<(), HandlerError>> + Send + Sync>;
/// A handler that takes the connection of one database.
type Inside<C> = Box<
    dyn for<'c> Fn(&'c Event, &'c mut C) -> BoxFuture<'c, Result<(), HandlerError>> + Send + Sync,
>;

/// A database whose connection a handler takes: `sqlx::Sqlite`, `sqlx::Postgres` or `sqlx::MySql`.
pub trait HandlerDatabase: sqlx::Database + sealed::Keep {}

mod sealed {
    use super::{AnyInside, Inside};

    /// Keeps a handler of the database. Only this crate's databases do.
    pub trait Keep: sqlx::Database {
        #[doc(hidden)]
        fn keep(handler: Inside<Self::Connection>) -> AnyInside;
    }
}

/// A handler of whichever database.
#[doc(hidden)]
pub enum AnyInside {
    #[cfg(feature = "sqlite")]
    Sqlite(Inside<sqlx::SqliteConnection>),
    #[cfg(feature = "postgres")]
    Postgres(Inside<sqlx::PgConnection>),
    #[cfg(feature = "mysql")]
    MySql(Inside<sqlx::MySqlConnection>),
}

impl AnyInside {
    fn database(&self) -> DatabaseKind {
        match *self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => DatabaseKind::Sqlite,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => DatabaseKind::Postgres,
            #[cfg(feature = "mysql")]
            Self::MySql(_) => DatabaseKind::MySql,
        }
    }
}

macro_rules! keep {
    ($($feature:literal $database:ident $connection:ident;)*) => {$(
        #[cfg(feature = $feature)]
        impl HandlerDatabase for sqlx::$database {}
        #[cfg(feature = $feature)]
        impl sealed::Keep for sqlx::$database {
            fn keep(handler: Inside<sqlx::$connection>) -> AnyInside {
                AnyInside::$database(handler)
            }
        }
    )*};
}
keep! {
    "sqlite" Sqlite SqliteConnection;
    "postgres" Postgres PgConnection;
    "mysql" MySql MySqlConnection;
}

/// All handlers, in the order in which they were given.
pub(crate) struct HandlerTable {
    /// Whether changes are written for those who subscribe.
    pub(crate) keeps_changes: bool,
    /// The form of events that they are called for.
    pub(crate) form: HandlerForm,
    /// How long each may take.
    timeout: Duration,
    inside: Vec<(EventType, AnyInside)>,
    after: Vec<(EventType, After)>,
}

impl HandlerTable {
    /// No handlers, each of which may take so long.
    pub(crate) fn new(timeout: Duration) -> Self {
        Self {
            keeps_changes: false,
            form: HandlerForm::default(),
            timeout,
            inside: Vec::new(),
            after: Vec::new(),
        }
    }

    pub(crate) fn after(&mut self, types: EventType, handler: After) {
        self.after.push((types, handler));
    }

    pub(crate) fn inside<D: HandlerDatabase>(
        &mut self,
        types: EventType,
        handler: Inside<D::Connection>,
    ) {
        self.inside.push((types, D::keep(handler)));
    }

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
        self.patterns().any(|pattern| fits(pattern, plain(kind)))
    }

    /// The patterns of all handlers.
    fn patterns(&self) -> impl Iterator<Item = &str> {
        let inside = self.inside.iter().map(|(types, _)| types.as_str());
        inside.chain(self.after_patterns())
    }

    /// The first handler that names no known type, and the first one inside the transaction of another database.
    pub(crate) fn check(&self, database: DatabaseKind) -> Result<(), LiveError> {
        let mut types = self.inside.iter().map(|(types, _)| types);
        let mut after = self.after.iter().map(|(types, _)| types);
        let unknown = |types: &&EventType| !types.is_known();
        if let Some(types) = types.find(unknown).or_else(|| after.find(unknown)) {
            return Err(LiveError::UnknownEventType {
                event_type: types.as_str().to_owned(),
                nearest: types.nearest(),
            });
        }
        match self
            .inside
            .iter()
            .find(|(_, inside)| inside.database() != database)
        {
            None => Ok(()),
            Some((types, inside)) => Err(LiveError::OtherDatabase {
                event_type: types.as_str().to_owned(),
                expected: database,
                found: inside.database(),
            }),
        }
    }

    /// The patterns of the handlers that run after the transaction.
    pub(crate) fn after_patterns(&self) -> impl Iterator<Item = &str> {
        self.after.iter().map(|(types, _)| types.as_str())
    }

    /// Runs the handlers that run after the transaction.
    pub(crate) async fn run_after(&self, event: &Event) -> Result<(), HandlerError> {
        for (pattern, handler) in &self.after {
            if fits(pattern.as_str(), event.snapshot_kind()) {
                call_within(self.timeout, async { handler(event.clone()).await }).await??;
            }
        }
        Ok(())
    }

    async fn run_inside(
        &self,
        stored: &InboxEvent,
        conn: &mut Conn<'_>,
    ) -> Result<(), HandlerError> {
        let mut patterns = self.inside.iter().map(|(types, _)| types.as_str());
        if !self.form.follows(&stored.kind)
            || !patterns.any(|pattern| fits(pattern, plain(&stored.kind)))
        {
            return Ok(());
        }
        let event = Event::parse(stored.payload.clone())?;
        for (pattern, handler) in &self.inside {
            if !fits(pattern.as_str(), event.snapshot_kind()) {
                continue;
            }
            let done: Option<BoxFuture<'_, Result<(), HandlerError>>> =
                match (handler, &mut conn.link) {
                    #[cfg(feature = "sqlite")]
                    (AnyInside::Sqlite(handler), Link::Sqlite(conn)) => {
                        Some(call(handler, &event, &mut **conn))
                    }
                    #[cfg(feature = "postgres")]
                    (AnyInside::Postgres(handler), Link::Postgres(conn)) => {
                        Some(call(handler, &event, &mut **conn))
                    }
                    #[cfg(feature = "mysql")]
                    (AnyInside::MySql(handler), Link::MySql(conn)) => {
                        Some(call(handler, &event, &mut **conn))
                    }
                    #[allow(unreachable_patterns, reason = "no database may be enabled")]
                    _ => None,
                };
            let wrong = || {
                format!(
                    "the handler of {pattern} takes the connection of another database than the syncer's"
                )
            };
            call_within(self.timeout, done.ok_or_else(wrong)?).await??;
        }
        Ok(())
    }
}

/// The call of a handler, which may panic before it returns a future.
fn call<'c, C>(
    handler: &'c Inside<C>,
    event: &'c Event,
    conn: &'c mut C,
) -> BoxFuture<'c, Result<(), HandlerError>> {
    match calls::call(|| handler(event, conn)) {
        Ok(future) => future,
        Err(panicked) => Box::pin(ready(Err(panicked.into()))),
    }
}

impl Handlers for HandlerTable {
    fn in_transaction<'a>(
        &'a self,
        event: &'a InboxEvent,
        conn: &'a mut Conn<'_>,
    ) -> BoxFuture<'a, Result<(), HandlerError>> {
        Box::pin(self.run_inside(event, conn))
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
        f.debug_list().entries(self.patterns()).finish()
    }
}

/// The object that an event is about, as it says itself.
pub(crate) fn about(event: &InboxEvent) -> Option<ObjectRef> {
    let event = Event::parse(event.payload.clone()).ok()?;
    Some(ObjectRef::new(event.object()?, event.object_id()?))
}
