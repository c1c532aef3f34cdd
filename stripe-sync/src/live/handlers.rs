//! The application's own functions for events, by type.

use std::fmt;

use futures_util::future::BoxFuture;

use super::Event;
use crate::store::{Conn, Handlers, InboxEvent};

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
#[derive(Default)]
pub(super) struct HandlerTable {
    /// Whether changes are written for those who subscribe.
    pub(super) keeps_changes: bool,
    inside: Vec<(String, AnyInside)>,
    after: Vec<(String, After)>,
}

impl HandlerTable {
    pub(super) fn after(&mut self, pattern: String, handler: After) {
        self.after.push((pattern, handler));
    }

    pub(super) fn inside<D: HandlerDatabase>(
        &mut self,
        pattern: String,
        handler: Inside<D::Connection>,
    ) {
        self.inside.push((pattern, D::keep(handler)));
    }

    /// Whether there are no handlers.
    pub(super) fn is_empty(&self) -> bool {
        self.inside.is_empty() && self.after.is_empty()
    }

    /// Whether any handler wants events of a type.
    pub(super) fn wants(&self, kind: &str) -> bool {
        self.patterns().any(|pattern| fits(pattern, kind))
    }

    /// The patterns of all handlers.
    fn patterns(&self) -> impl Iterator<Item = &str> {
        let inside = self.inside.iter().map(|(pattern, _)| pattern.as_str());
        inside.chain(self.after_patterns())
    }

    /// The patterns of the handlers that run after the transaction.
    pub(super) fn after_patterns(&self) -> impl Iterator<Item = &str> {
        self.after.iter().map(|(pattern, _)| pattern.as_str())
    }

    /// Runs the handlers that run after the transaction.
    pub(super) async fn run_after(&self, event: &Event) -> Result<(), HandlerError> {
        for (pattern, handler) in &self.after {
            if fits(pattern, event.snapshot_kind()) {
                handler(event.clone()).await?;
            }
        }
        Ok(())
    }

    async fn run_inside(
        &self,
        stored: &InboxEvent,
        conn: &mut Conn<'_>,
    ) -> Result<(), HandlerError> {
        let mut patterns = self.inside.iter().map(|(pattern, _)| pattern);
        if !patterns.any(|pattern| fits(pattern, plain(&stored.kind))) {
            return Ok(());
        }
        let event = Event::parse(stored.payload.clone())?;
        for (pattern, handler) in &self.inside {
            if !fits(pattern, event.snapshot_kind()) {
                continue;
            }
            let done: Option<BoxFuture<'_, Result<(), HandlerError>>> = match handler {
                #[cfg(feature = "sqlite")]
                AnyInside::Sqlite(handler) => conn.sqlite().map(|conn| handler(&event, conn)),
                #[cfg(feature = "postgres")]
                AnyInside::Postgres(handler) => conn.postgres().map(|conn| handler(&event, conn)),
                #[cfg(feature = "mysql")]
                AnyInside::MySql(handler) => conn.mysql().map(|conn| handler(&event, conn)),
                #[allow(unreachable_patterns, reason = "no database may be enabled")]
                _ => None,
            };
            let wrong = || {
                format!(
                    "the handler of {pattern} takes the connection of another database than the syncer's"
                )
            };
            done.ok_or_else(wrong)?.await?;
        }
        Ok(())
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
        self.after_patterns()
            .any(|pattern| fits(pattern, plain(&event.kind)))
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

/// The type without the prefix of thin events about v1 resources.
fn plain(kind: &str) -> &str {
    kind.strip_prefix("v1.").unwrap_or(kind)
}

/// Whether a type fits a pattern: the type itself, or its beginning and `*`.
fn fits(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => kind.starts_with(beginning),
        None => pattern == kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_types() {
        assert!(fits("*", "invoice.paid"));
        assert!(fits("invoice.*", "invoice.paid"));
        assert!(fits("invoice.paid", "invoice.paid"));
        assert!(!fits("invoice.*", "invoiceitem.created"));
        assert!(!fits("invoice", "invoice.paid"));
        assert!(!fits("", "invoice.paid"));
    }
}
