//! What a hook does in the transaction of its object, on any database.

use futures_util::future::BoxFuture;
use sqlx::{AssertSqlSafe, SqlStr};
use stripe_sync_schema::sql::Database;

use crate::cell::Cell;
use crate::model::Model;
use crate::model::hooks::sync::SyncWork;
use crate::model::hooks::{HookError, Outcome, WriteError};
use crate::store::db::statement::placeholders;
use crate::store::db::{Bind, Conn, DatabaseKind, Link, TxError};
use crate::store::rows::hooked::DefaultWrite;
use crate::store::rows::hooked::related::{RefusedRow, RelatedTables};
use crate::store::rows::{Written, time};

/// What an error of a call makes of the object, whatever the hook makes of the error.
pub(super) enum Stopped {
    /// It fails, or is read again.
    Object(Written),
    /// The database refused a row of another model. The column to blame is asked for when the savepoint is undone.
    Row(Box<RefusedRow>),
    /// The transaction ends.
    Transaction(TxError),
}

/// An error, as the hook sees it and as the store does.
pub(super) type Stop = (WriteError, Stopped);

/// The object fails with an error.
pub(super) fn fails(error: WriteError) -> Stop {
    let failed = Written::failed(None, format!("sync: {error}"));
    (error, Stopped::Object(failed))
}

/// The transaction ends with an error.
pub(super) fn ends(error: TxError) -> Stop {
    let reason = error.to_string();
    (WriteError::Ended { reason }, Stopped::Transaction(error))
}

/// The connection, if it is one of this database.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
macro_rules! connection {
    ($work:ident, $database:ident) => {
        match &mut $work.conn.link {
            Link::$database(conn) => Some(&mut **conn),
            #[allow(unreachable_patterns, reason = "it may be the only database")]
            _ => None,
        }
    };
}

/// One object's part of the transaction.
pub(super) struct Work<'w, 'j> {
    conn: Conn<'w>,
    default: &'w mut DefaultWrite<'j>,
    related: &'w mut RelatedTables<'j>,
    /// The first error.
    pub(super) stopped: Option<Stopped>,
    reason: String,
}

impl<'w, 'j> Work<'w, 'j> {
    pub(super) fn new(
        conn: Conn<'w>,
        default: &'w mut DefaultWrite<'j>,
        related: &'w mut RelatedTables<'j>,
    ) -> Self {
        Self {
            conn,
            default,
            related,
            stopped: None,
            reason: String::new(),
        }
    }

    /// # Errors
    /// When an earlier call failed: the database may take nothing more.
    fn check(&self) -> Result<(), WriteError> {
        let stopped = self.stopped.as_ref().map(|_| self.reason.clone());
        match stopped.or_else(|| self.default.failure()) {
            Some(reason) => Err(WriteError::Failed { reason }),
            None => Ok(()),
        }
    }

    fn stop<T>(&mut self, done: Result<T, Stop>) -> Result<T, WriteError> {
        done.map_err(|(error, stopped)| {
            self.reason = error.to_string();
            self.stopped = Some(stopped);
            error
        })
    }

    async fn run(&mut self, sql: &str, values: Vec<Cell<'_>>) -> Result<u64, Stop> {
        let kind = self.conn.kind();
        let placed = placeholders::place(sql, kind.sql());
        let placed = placed.map_err(|found| fails(WriteError::NumberedPlaceholder { found }))?;
        if placed.values != values.len() {
            return Err(fails(WriteError::Values {
                expected: placed.values,
                found: values.len(),
            }));
        }
        let has_moments = values.iter().any(|cell| matches!(cell, Cell::Instant(_)));
        let binds: Vec<Bind<'_>> = values.into_iter().map(|cell| bind(kind, cell)).collect();
        let sql = AssertSqlSafe(placed.sql.into_owned());
        // There a moment is one of the session's time zone.
        if has_moments && kind.sql() == Database::MySql {
            self.conn.utc().await.map_err(ends)?;
        }
        let done = self.conn.execute(sql, &binds).await;
        match self.conn.leave_utc(done).await {
            Ok(touched) => Ok(touched),
            Err(TxError::Data(cause) | TxError::Other(cause)) => {
                Err(fails(WriteError::Statement { cause }))
            }
            Err(error) => Err(ends(error)),
        }
    }
}

/// A value of the hook's as a parameter.
fn bind(kind: DatabaseKind, cell: Cell<'_>) -> Bind<'_> {
    match cell.cell_type() {
        Some(cell_type) => Bind::Value(cell_type, time::stored_form(kind, None, cell)),
        None => Bind::Null,
    }
}

impl SyncWork for Work<'_, '_> {
    fn sync_default(&mut self) -> BoxFuture<'_, Result<Outcome, HookError>> {
        Box::pin(async {
            if self.stopped.is_some() {
                self.check()
                    .map_err(|error| HookError::new("sync_default", error))?;
            }
            self.default.run(self.conn.reborrow()).await
        })
    }

    fn execute<'a>(
        &'a mut self,
        sql: SqlStr,
        values: Vec<Cell<'a>>,
    ) -> BoxFuture<'a, Result<u64, WriteError>> {
        Box::pin(async move {
            self.check()?;
            let done = self.run(sql.as_str(), values).await;
            self.stop(done)
        })
    }

    fn write(
        &mut self,
        model: &'static Model,
        cells: Vec<Cell<'static>>,
    ) -> BoxFuture<'_, Result<Outcome, WriteError>> {
        Box::pin(async move {
            self.check()?;
            let (conn, default) = (&mut self.conn, &*self.default);
            let done = self.related.write(conn, default, model, cells).await;
            self.stop(done)
        })
    }

    #[cfg(feature = "sqlite")]
    fn sqlite(&mut self) -> Option<&mut sqlx::SqliteConnection> {
        connection!(self, Sqlite)
    }

    #[cfg(feature = "postgres")]
    fn postgres(&mut self) -> Option<&mut sqlx::PgConnection> {
        connection!(self, Postgres)
    }

    #[cfg(feature = "mysql")]
    fn mysql(&mut self) -> Option<&mut sqlx::MySqlConnection> {
        connection!(self, MySql)
    }
}
