//! Models with a `sync` hook: one object at a time, each in a savepoint, and the hook runs for unchanged ones too.

use futures_util::future::BoxFuture;

use crate::freshness::ReadBy;
use crate::model::context::Context;
use crate::model::hooks::{DefaultSync, HookError, Outcome, SyncContext, SyncHook};
use crate::store::db::retry::is_contended;
use crate::store::db::{Conn, DatabaseKind, Link, StoreError, TableContext, TxError};
use crate::store::rows::upsert::{RELEASE, SAVEPOINT, UNDO};
use crate::store::rows::{
    Changes, Job, KeyedRow, WantedColumns, Written, outcome, reconcile, stored,
};
use crate::store::tables::LockedTable;

/// Why an object fails whose hook says that all is well.
const SWALLOWED: &str = "sync: a statement of the hook failed, and the hook returned no error: the database takes nothing more \
                         in this transaction";

/// Refuses a hook that takes another database's connection.
pub(crate) fn check(target: &TableContext<'_>) -> Result<(), StoreError> {
    match (target.model.parts.sync, target.kind) {
        (None, _) => Ok(()),
        #[cfg(feature = "sqlite")]
        (Some(SyncHook::Sqlite(_)), DatabaseKind::Sqlite) => Ok(()),
        #[cfg(feature = "postgres")]
        (Some(SyncHook::Postgres(_)), DatabaseKind::Postgres) => Ok(()),
        #[cfg(feature = "mysql")]
        (Some(SyncHook::MySql(_)), DatabaseKind::MySql) => Ok(()),
        #[allow(
            unreachable_patterns,
            reason = "with one database enabled nothing else is possible"
        )]
        _ => Err(wrong(target)),
    }
}

fn wrong(target: &TableContext<'_>) -> StoreError {
    StoreError::WrongHook {
        model: target.model.name(),
        database: target.kind,
    }
}

/// Writes rows through the model's `sync` hook; the answer is in their order.
pub(crate) async fn call_hooks(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    held: LockedTable,
    hook: SyncHook,
) -> Result<(Vec<Written>, Changes), TxError> {
    let mut written = Vec::with_capacity(job.batch.rows.len());
    let mut changes = Changes::new();
    // Of what gets no row, the hook is not asked: it would write related ones.
    let found = match job.batch.existing_only {
        true => {
            let ids: Vec<&str> = job.batch.rows.iter().map(|row| &*row.id).collect();
            let none = WantedColumns::none();
            Some(stored::read(conn, &job.target, &ids, job.batch.by == ReadBy::Id, &none).await?)
        }
        false => None,
    };
    for row in &job.batch.rows {
        if let Some(found) = &found
            && !reconcile::is_there(found.get(&row.id))
        {
            written.push(Written::Outside);
            continue;
        }
        conn.run(SAVEPOINT).await?;
        let (mut outcome, changed) = object(conn, job, held, row, hook).await?;
        if let (true, Some(refused)) = (outcome.is_done(), job.refused_later(conn).await?) {
            outcome = refused;
        }
        match outcome.is_done() {
            true => match conn.run(RELEASE).await {
                Ok(()) => changes.extend(changed),
                // PostgreSQL takes nothing more after an error until it is undone.
                Err(TxError::Data(_)) => {
                    outcome = Written::failed(None, SWALLOWED);
                    undo(conn).await?;
                }
                Err(error) => return Err(error),
            },
            false => undo(conn).await?,
        }
        written.push(outcome);
    }
    Ok((written, changes))
}

/// Undoes what was written of an object.
async fn undo(conn: &mut Conn<'_>) -> Result<(), TxError> {
    conn.run(UNDO).await?;
    conn.run(RELEASE).await
}

async fn object(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    held: LockedTable,
    row: &KeyedRow,
    hook: SyncHook,
) -> Result<(Written, Changes), TxError> {
    let mut default = DefaultWrite {
        job,
        held,
        row,
        result: None,
    };
    let hooked = call(conn, job, row, hook, &mut default).await?;
    let changes = match default.result {
        Some(Err(TxError::Data(error))) => {
            // The database answers nothing more until the savepoint is undone.
            conn.run(UNDO).await?;
            let refused = outcome::refused(conn, &job.target, &row.row.cells, &error).await?;
            return Ok((refused, Changes::new()));
        }
        Some(Err(error)) => return Err(error),
        // Whatever the hook made of it: a row that was not written must not have related rows.
        Some(Ok((written, _))) if !written.is_done() => return Ok((written, Changes::new())),
        Some(Ok((_, changes))) => changes,
        None => Changes::new(),
    };
    match hooked {
        Ok(outcome) => Ok((Written::Done(outcome), changes)),
        Err(error) if is_contended(error.cause()) => Err(TxError::contended(error)),
        Err(error) => Ok((Written::failed(None, error.to_string()), Changes::new())),
    }
}

async fn call(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    row: &KeyedRow,
    hook: SyncHook,
    default: &mut DefaultWrite<'_>,
) -> Result<Result<Outcome, HookError>, TxError> {
    let run = job.batch.context;
    conn.own_time_zone().await?;
    let object = row.object.as_ref().ok_or_else(|| wrong(&job.target))?;
    match (hook, &mut conn.link) {
        #[cfg(feature = "sqlite")]
        (SyncHook::Sqlite(hook), Link::Sqlite(conn)) => {
            let mut context = SyncContext::new(&mut **conn, run, default);
            Ok(called(run, hook(object, &mut context)).await)
        }
        #[cfg(feature = "postgres")]
        (SyncHook::Postgres(hook), Link::Postgres(conn)) => {
            let mut context = SyncContext::new(&mut **conn, run, default);
            Ok(called(run, hook(object, &mut context)).await)
        }
        #[cfg(feature = "mysql")]
        (SyncHook::MySql(hook), Link::MySql(conn)) => {
            let mut context = SyncContext::new(&mut **conn, run, default);
            Ok(called(run, hook(object, &mut context)).await)
        }
        #[allow(
            unreachable_patterns,
            reason = "with one database enabled nothing else is possible"
        )]
        _ => Err(wrong(&job.target).into()),
    }
}

/// What a hook returned, unless it panicked or took too long.
async fn called(
    context: &Context,
    hook: BoxFuture<'_, Result<Outcome, HookError>>,
) -> Result<Outcome, HookError> {
    let called = context.timed(context.call(hook)).await;
    called.unwrap_or_else(|error| Err(HookError::new("sync", error)))
}

/// The write that a `sync` hook wraps.
struct DefaultWrite<'j> {
    job: &'j Job<'j>,
    held: LockedTable,
    row: &'j KeyedRow,
    /// What came of it, if the hook asked for it.
    result: Option<Result<(Written, Changes), TxError>>,
}

impl DefaultWrite<'_> {
    async fn run(&mut self, mut conn: Conn<'_>) -> Result<Outcome, HookError> {
        if self.result.is_none() {
            let done = match self.job.facts.refusal(&self.row.row.cells) {
                Some(refused) => Ok((vec![refused.into()], Changes::new())),
                None => {
                    let rows = std::slice::from_ref(self.row);
                    let done =
                        reconcile::reconcile(&mut conn, self.job, &mut self.held, rows, false);
                    let done = done.await;
                    conn.leave_utc(done).await
                }
            };
            self.result = Some(done.and_then(|(written, changes)| {
                let written = written.into_iter().next();
                Ok((written.ok_or_else(TxError::conflict)?, changes))
            }));
        }
        let refusal = match &self.result {
            Some(Ok((Written::Done(outcome), _))) => return Ok(*outcome),
            Some(Ok((Written::Failed { reason, .. }, _))) => reason.clone(),
            Some(Err(error)) => error.to_string(),
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
