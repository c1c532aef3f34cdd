//! Models with a `sync` hook: one object at a time, each in a savepoint, and the hook runs for unchanged ones too.
mod related;
mod work;

use futures_util::future::BoxFuture;

use crate::freshness::ReadBy;
use crate::model::context::Context;
use crate::model::hooks::sync::SyncContext;
use crate::model::hooks::typed::{DefaultSync, TypedSyncContext};
use crate::model::hooks::{HookError, Outcome, SyncHook};
use crate::store::db::retry::is_contended;
use crate::store::db::{Conn, DatabaseKind, Link, StoreError, TableContext, TxError};
use crate::store::rows::reconcile::{self, Reconciled};
use crate::store::rows::rider::RelatedChange;
use crate::store::rows::upsert::{RELEASE, SAVEPOINT, UNDO};
use crate::store::rows::{Job, KeyedRow, WantedColumns, Written, outcome, stored};
use crate::store::tables::LockedTable;
use related::RelatedTables;
use work::{Stopped, Work};

/// Why an object fails whose hook says that all is well.
const SWALLOWED: &str = "sync: a statement of the hook failed, and the hook returned no error: the database takes nothing more \
                         in this transaction";

/// Refuses a hook that takes another database's connection.
pub(crate) fn check(target: &TableContext<'_>) -> Result<(), StoreError> {
    match (target.model.parts.sync, target.kind) {
        (None | Some(SyncHook::Any(_)), _) => Ok(()),
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

/// Writes rows through the model's `sync` hook; the answer is in their order. What the hook changed in the tables of other
/// models is added to `changed`.
pub(crate) async fn call_hooks<'j>(
    conn: &mut Conn<'_>,
    job: &'j Job<'j>,
    held: LockedTable,
    hook: SyncHook,
    rows: &[&'j KeyedRow],
    changed: &mut Vec<RelatedChange>,
) -> Result<Reconciled, TxError> {
    let mut all = Reconciled::default();
    let mut related = RelatedTables::default();
    // Of what gets no row, the hook is not asked: it would write related ones.
    let found = match job.batch.existing_only {
        true => {
            let ids: Vec<&str> = rows.iter().map(|row| &*row.id).collect();
            let none = WantedColumns::none();
            Some(stored::read(conn, &job.target, &ids, job.batch.by == ReadBy::Id, &none).await?)
        }
        false => None,
    };
    for (place, &row) in rows.iter().enumerate() {
        if let Some(found) = &found
            && !reconcile::is_there(found.get(&row.id))
        {
            all.written.push(Written::Outside);
            continue;
        }
        conn.run(SAVEPOINT).await?;
        let (mut outcome, own) = object(conn, job, held, row, hook, &mut related).await?;
        if let (true, Some(refused)) = (outcome.is_done(), job.refused_later(conn).await?) {
            outcome = refused;
        }
        match outcome.is_done() {
            true => match conn.run(RELEASE).await {
                Ok(()) => {
                    all.changes.extend(own.changes);
                    all.again.extend((!own.again.is_empty()).then_some(place));
                    all.older.extend((!own.older.is_empty()).then_some(place));
                    changed.append(&mut related.changed);
                }
                // PostgreSQL takes nothing more after an error until it is undone.
                Err(TxError::Data(_)) => {
                    outcome = Written::failed(None, SWALLOWED);
                    undo(conn).await?;
                }
                Err(error) => return Err(error),
            },
            false => undo(conn).await?,
        }
        if !outcome.is_done() {
            // PostgreSQL gives up what was locked since the savepoint.
            related = RelatedTables::default();
        }
        all.written.push(outcome);
    }
    Ok(all)
}

/// Undoes what was written of an object.
async fn undo(conn: &mut Conn<'_>) -> Result<(), TxError> {
    conn.run(UNDO).await?;
    conn.run(RELEASE).await
}

async fn object<'j>(
    conn: &mut Conn<'_>,
    job: &'j Job<'j>,
    held: LockedTable,
    row: &'j KeyedRow,
    hook: SyncHook,
    related: &mut RelatedTables<'j>,
) -> Result<(Written, Reconciled), TxError> {
    let mut default = DefaultWrite {
        job,
        held,
        row,
        result: None,
    };
    let (hooked, stopped) = call(conn, row, hook, &mut default, related).await?;
    let done = match default.result {
        Some(Err(TxError::Data(error))) => {
            // The database answers nothing more until the savepoint is undone.
            conn.run(UNDO).await?;
            let refused = outcome::refused(conn, &job.target, &row.row.cells, &error).await?;
            return Ok((refused, Reconciled::default()));
        }
        Some(Err(error)) => return Err(error),
        Some(Ok(mut done)) => match done.written.pop().ok_or_else(TxError::conflict)? {
            // Whatever the hook made of it: a row that was not written must not have related rows.
            written if !written.is_done() => return Ok((written, Reconciled::default())),
            _ => done,
        },
        None => Reconciled::default(),
    };
    match (stopped, hooked) {
        (Some(Stopped::Transaction(error)), _) => Err(error),
        (Some(Stopped::Row(refused)), _) => {
            conn.run(UNDO).await?;
            let refused = related.attribute(conn, *refused).await?;
            Ok((refused, Reconciled::default()))
        }
        // The hook may say more of it.
        (Some(Stopped::Object(Written::Failed { .. })), Err(error)) | (None, Err(error)) => {
            match is_contended(error.cause()) {
                true => Err(TxError::contended(error)),
                false => Ok((
                    Written::failed(None, error.to_string()),
                    Reconciled::default(),
                )),
            }
        }
        (Some(Stopped::Object(written)), _) => Ok((written, Reconciled::default())),
        (None, Ok(outcome)) => Ok((Written::Done(outcome), done)),
    }
}

async fn call<'j>(
    conn: &mut Conn<'_>,
    row: &KeyedRow,
    hook: SyncHook,
    default: &mut DefaultWrite<'j>,
    related: &mut RelatedTables<'j>,
) -> Result<(Result<Outcome, HookError>, Option<Stopped>), TxError> {
    let job = default.job;
    let run = job.batch.context;
    conn.own_time_zone().await?;
    let object = row.object.as_ref().ok_or_else(|| wrong(&job.target))?;
    let hook: SyncHook = match hook {
        SyncHook::Any(hook) => {
            let mut work = Work::new(conn.reborrow(), default, related);
            let mut context = SyncContext::new(run, &mut work);
            let hooked = called(run, hook(object, &mut context)).await;
            return Ok((hooked, work.stopped));
        }
        #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
        hook => hook,
    };
    let hooked = match (hook, &mut conn.link) {
        #[cfg(feature = "sqlite")]
        (SyncHook::Sqlite(hook), Link::Sqlite(conn)) => {
            let mut context = TypedSyncContext::new(&mut **conn, run, default);
            called(run, hook(object, &mut context)).await
        }
        #[cfg(feature = "postgres")]
        (SyncHook::Postgres(hook), Link::Postgres(conn)) => {
            let mut context = TypedSyncContext::new(&mut **conn, run, default);
            called(run, hook(object, &mut context)).await
        }
        #[cfg(feature = "mysql")]
        (SyncHook::MySql(hook), Link::MySql(conn)) => {
            let mut context = TypedSyncContext::new(&mut **conn, run, default);
            called(run, hook(object, &mut context)).await
        }
        _ => return Err(wrong(&job.target).into()),
    };
    Ok((hooked, None))
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
    result: Option<Result<Reconciled, TxError>>,
}

impl DefaultWrite<'_> {
    async fn run(&mut self, mut conn: Conn<'_>) -> Result<Outcome, HookError> {
        if self.result.is_none() {
            let done = match self.job.facts.refusal(&self.row.row.cells) {
                Some(refused) => Ok(Reconciled {
                    written: vec![refused.into()],
                    ..Reconciled::default()
                }),
                None => {
                    let (rows, held) = ([self.row], &mut self.held);
                    let done = reconcile::reconcile(&mut conn, self.job, held, &rows, None, false);
                    let done = done.await;
                    conn.leave_utc(done).await
                }
            };
            self.result = Some(done);
        }
        match &self.result {
            Some(Ok(Reconciled { written, .. })) if let [Written::Done(outcome)] = &**written => {
                Ok(*outcome)
            }
            _ => Err(HookError::new("sync_default", self.refusal())),
        }
    }

    /// Why the row was not written.
    fn refusal(&self) -> String {
        match &self.result {
            Some(Ok(Reconciled { written, .. }))
                if let [Written::Failed { reason, .. }] = &**written =>
            {
                reason.clone()
            }
            Some(Err(error)) => error.to_string(),
            _ => "a newer read of the object was faster; it is read again".to_owned(),
        }
    }

    /// Why nothing more of the object is written, if the row was not written.
    fn failure(&self) -> Option<String> {
        let is_done = |done: &Reconciled| done.written.iter().all(Written::is_done);
        match &self.result {
            Some(result) if !result.as_ref().is_ok_and(is_done) => Some(self.refusal()),
            _ => None,
        }
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
