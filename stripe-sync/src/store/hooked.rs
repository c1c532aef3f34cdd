//! Models with a `sync` hook: one object at a time, each in a savepoint, and the hook runs for unchanged ones too.

use futures_util::future::BoxFuture;

use super::attempt::{self, Done};
use super::batch::{Job, Written};
use super::binding::Held;
use super::blame;
use super::db::connection::{Conn, Link};
use super::db::error::StoreError;
use super::db::retry::{TxError, is_contended};
use super::items::Item;
use crate::hooks::{DefaultSync, HookError, Outcome, SyncContext, SyncHook};

const SAVEPOINT: &str = "SAVEPOINT stripe_sync_object";
const UNDO: &str = "ROLLBACK TO SAVEPOINT stripe_sync_object";
const RELEASE: &str = "RELEASE SAVEPOINT stripe_sync_object";

/// Writes rows through the model's `sync` hook; the answer is in their order.
pub(super) async fn rows(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    held: Held,
    items: &[Item],
    hook: SyncHook,
) -> Result<Vec<Done>, TxError> {
    let mut done = Vec::with_capacity(items.len());
    for item in items {
        conn.run(SAVEPOINT).await?;
        let one = object(conn, job, held, item, hook).await?;
        if !matches!(one.written, Written::Done(_)) {
            conn.run(UNDO).await?;
        }
        conn.run(RELEASE).await?;
        done.push(one);
    }
    Ok(done)
}

async fn object(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    held: Held,
    item: &Item,
    hook: SyncHook,
) -> Result<Done, TxError> {
    let mut default = DefaultWrite {
        job,
        held,
        item,
        result: None,
    };
    let hooked = call(conn, job, item, hook, &mut default).await?;
    let refused = |written| Done {
        written,
        change: None,
    };
    let change = match default.result {
        Some(Err(TxError::Data(error))) => {
            // The database answers nothing more until the savepoint is undone.
            conn.run(UNDO).await?;
            let cells = Some(item.row.cells.as_slice());
            let (column, reason) = blame::of(conn, &job.target, cells, &error).await?;
            return Ok(refused(Written::Failed { column, reason }));
        }
        Some(Err(fault)) => return Err(fault),
        // Whatever the hook made of it: a row that was not written must not have related rows.
        Some(Ok(done)) if !matches!(done.written, Written::Done(_)) => {
            return Ok(refused(done.written));
        }
        Some(Ok(done)) => done.change,
        None => None,
    };
    match hooked {
        Ok(outcome) => Ok(Done {
            written: Written::Done(outcome),
            change,
        }),
        Err(error) if is_contended(error.cause()) => Err(TxError::Contended {
            reason: error.to_string(),
            source: None,
        }),
        Err(error) => Ok(refused(Written::failed(None, error.to_string()))),
    }
}

async fn call(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    item: &Item,
    hook: SyncHook,
    default: &mut DefaultWrite<'_>,
) -> Result<Result<Outcome, HookError>, TxError> {
    let wrong = || StoreError::WrongHook {
        model: job.target.model.name(),
        database: job.target.kind,
    };
    let object = item.object.as_ref().ok_or_else(wrong)?;
    match (hook, &mut conn.link) {
        #[cfg(feature = "sqlite")]
        (SyncHook::Sqlite(hook), Link::Sqlite(conn)) => {
            let mut context = SyncContext::new(&mut **conn, job.context, default);
            Ok(hook(object, &mut context).await)
        }
        #[cfg(feature = "postgres")]
        (SyncHook::Postgres(hook), Link::Postgres(conn)) => {
            let mut context = SyncContext::new(&mut **conn, job.context, default);
            Ok(hook(object, &mut context).await)
        }
        #[cfg(feature = "mysql")]
        (SyncHook::MySql(hook), Link::MySql(conn)) => {
            let mut context = SyncContext::new(&mut **conn, job.context, default);
            Ok(hook(object, &mut context).await)
        }
        #[allow(
            unreachable_patterns,
            reason = "with one database enabled nothing else is possible"
        )]
        _ => Err(wrong().into()),
    }
}

/// The write that a `sync` hook wraps.
struct DefaultWrite<'j> {
    job: &'j Job<'j>,
    held: Held,
    item: &'j Item,
    /// What came of it, if the hook asked for it.
    result: Option<Result<Done, TxError>>,
}

impl DefaultWrite<'_> {
    async fn run(&mut self, mut conn: Conn<'_>) -> Result<Outcome, HookError> {
        if self.result.is_none() {
            let items = std::slice::from_ref(self.item);
            let done = attempt::rows(&mut conn, self.job, &mut self.held, items, false).await;
            let one = done.and_then(|done| done.into_iter().next().ok_or_else(TxError::conflict));
            self.result = Some(one);
        }
        let refusal = match &self.result {
            Some(Ok(Done {
                written: Written::Done(outcome),
                ..
            })) => return Ok(*outcome),
            Some(Ok(Done {
                written: Written::Failed { reason, .. },
                ..
            })) => reason.clone(),
            Some(Err(fault)) => fault.to_string(),
            _ => "a newer read of the object was faster; it is read again".to_owned(),
        };
        Err(HookError::new("sync_default", refusal))
    }
}

macro_rules! default_sync {
    ($($feature:literal $database:ident $connection:ident $variant:ident;)*) => {$(
        #[cfg(feature = $feature)]
        impl DefaultSync<sqlx::$database> for DefaultWrite<'_> {
            fn write<'a>(
                &'a mut self,
                connection: &'a mut sqlx::$connection,
            ) -> BoxFuture<'a, Result<Outcome, HookError>> {
                let conn = Conn::new(Link::$variant(connection), self.job.target.settings);
                Box::pin(self.run(conn))
            }
        }
    )*};
}
default_sync! {
    "sqlite" Sqlite SqliteConnection Sqlite;
    "postgres" Postgres PgConnection Postgres;
    "mysql" MySql MySqlConnection MySql;
}
