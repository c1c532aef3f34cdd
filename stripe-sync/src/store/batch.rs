//! The write of a batch of rows in one transaction.

use super::attempt::{self, Done};
use super::binding::{Held, Hold, hold};
use super::db::connection::Conn;
use super::db::door::transaction;
use super::db::error::StoreError;
use super::db::retry::TxError;
use super::failed::{Failure, OVERTAKEN};
use super::hooked;
use super::items::{Item, items};
use super::slices::{Advance, NewSlice};
use super::target::Target;
use super::walk::{self, WalkLease};
use super::{DatabaseKind, Scope, Store, remarks, seen, slices};
use crate::content;
use crate::context::Context;
use crate::freshness::ReadBy;
use crate::hooks::{ChangedCells, Outcome, SyncHook};
use crate::mapping::Row;
use crate::model::Model;
use crate::object::StripeObject;

/// A mapped object.
#[derive(Debug)]
pub(crate) struct KeyedRow {
    pub(crate) id: String,
    pub(crate) row: Row,
    /// The hash of the row as it is, absent cells with what an insert takes.
    pub(crate) hash: i64,
    /// The object itself, for a model with a `sync` hook.
    pub(crate) object: Option<StripeObject>,
}

/// The tokens of a read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    /// Taken before the request.
    pub(crate) start: i64,
    /// Taken after the answer; `None` takes it with the write.
    pub(crate) finish: Option<i64>,
}

/// What a walk keeps in the transaction of its pages.
#[derive(Debug, Default)]
pub(crate) struct PageState {
    /// Slices that were split off.
    pub(crate) new: Vec<NewSlice>,
    /// Slices that were split off for other processes.
    pub(crate) free: Vec<NewSlice>,
    /// How far slices are.
    pub(crate) advances: Vec<Advance>,
    /// Hashes of the ids that the pages showed.
    pub(crate) seen: Vec<u64>,
    /// Objects of the pages that do not map.
    pub(crate) failures: Vec<Failure>,
}

impl PageState {
    fn is_empty(&self) -> bool {
        self.new.is_empty()
            && self.free.is_empty()
            && self.advances.is_empty()
            && self.seen.is_empty()
            && self.failures.is_empty()
    }
}

/// Rows of one read, to be written in one transaction.
#[derive(Debug)]
pub(crate) struct WriteBatch<'a> {
    pub(crate) model: &'static Model,
    pub(crate) scope: &'a Scope,
    /// Of two rows with one id the last counts.
    pub(crate) rows: Vec<KeyedRow>,
    pub(crate) span: Span,
    /// Whether the objects were read one at a time, and not on a list page.
    pub(crate) single_read: bool,
    /// Whether stored rows are compared by their columns, and not by their hash.
    pub(crate) fresh: bool,
    /// Whether all rows are likely new: they are inserted without being asked for, and asked for if that fails.
    pub(crate) hopes_for_new: bool,
    /// The walk that the page belongs to.
    pub(crate) lease: Option<&'a WalkLease>,
    /// What else the walk keeps in the same transaction.
    pub(crate) state: PageState,
    /// The events that the read follows from.
    #[cfg(feature = "live")]
    pub(crate) following: Option<super::Following<'a>>,
    pub(crate) context: &'a Context,
}

impl KeyedRow {
    /// A mapped object of a model. The hash is made here, because here others are waited for, and not the database.
    pub(crate) fn new(model: &Model, id: String, row: Row, object: Option<StripeObject>) -> Self {
        Self {
            hash: content::hash(&row.cells, model.parts.fingerprint),
            id,
            row,
            object,
        }
    }
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Written {
    /// The table holds it, or a hook chose otherwise.
    Done(Outcome),
    /// A newer read was faster, or may have been: the object is to be read again. Nothing was written.
    ReadAgain,
    /// The database or a hook refused it. Nothing was written.
    Failed {
        column: Option<String>,
        reason: String,
    },
}

impl Written {
    pub(super) fn failed(column: Option<String>, reason: impl Into<String>) -> Self {
        Self::Failed {
            column,
            reason: reason.into(),
        }
    }
}

/// What became of a batch.
#[derive(Debug, Default)]
pub(crate) struct WriteReport {
    /// One entry for each id.
    pub(crate) rows: Vec<(String, Written)>,
    /// The changes of a model with an `after_commit` hook.
    pub(crate) changes: Vec<(String, ChangedCells)>,
    /// The token of the read's end, if one was taken.
    pub(crate) finish: Option<i64>,
}

/// A batch without its rows.
#[derive(Debug)]
pub(super) struct Job<'a> {
    pub(super) target: Target<'a>,
    pub(super) span: Span,
    pub(super) by: ReadBy,
    pub(super) fresh: bool,
    pub(super) context: &'a Context,
    hopes_for_new: bool,
    lease: Option<&'a WalkLease>,
    state: PageState,
    #[cfg(feature = "live")]
    following: Option<super::Following<'a>>,
    /// Whether the table has a unique key besides the model's.
    #[cfg(feature = "mysql")]
    pub(super) second_key: bool,
    /// Whether rows that are likely new go by COPY.
    #[cfg(feature = "postgres")]
    pub(super) copies: bool,
}

impl Job<'_> {
    /// Whether rows are inserted without being asked for. A tombstone would have to be asked for.
    pub(super) fn hopes_for_new(&self, held: &Held) -> bool {
        self.hopes_for_new
            && self.is_plain()
            && self.by == ReadBy::List
            && self.target.guarded()
            && !held.tombstones
    }

    /// Whether nothing of the user's runs in the transaction or because it was committed.
    fn is_plain(&self) -> bool {
        let parts = &self.target.model.parts;
        parts.sync.is_none() && parts.after_commit.is_none()
    }
}

impl Store {
    /// Writes the rows of one read, each unless the table holds the same or something newer.
    ///
    /// # Errors
    /// When the table is bound to another account or mode, the walk lost its lease, others kept the transaction from
    /// ending, or the database fails. A row that the database refuses is not an error.
    pub(crate) async fn write(&self, batch: WriteBatch<'_>) -> Result<WriteReport, StoreError> {
        self.prepare().await?;
        let target = self.target(batch.model, batch.scope)?;
        check_hook(&target)?;
        let mut report = WriteReport::default();
        let items = items(&target, batch.rows, &mut report);
        if items.is_empty() && batch.state.is_empty() {
            return Ok(report);
        }
        #[cfg(feature = "mysql")]
        let second_key = self.has_second_key(&target).await?;
        #[cfg(feature = "postgres")]
        let copies = batch.hopes_for_new && self.takes_copy(&target).await?;
        let mut job = Job {
            target,
            span: batch.span,
            by: if batch.single_read {
                ReadBy::Id
            } else {
                ReadBy::List
            },
            fresh: batch.fresh,
            context: batch.context,
            hopes_for_new: batch.hopes_for_new,
            lease: batch.lease,
            state: batch.state,
            #[cfg(feature = "live")]
            following: batch.following,
            #[cfg(feature = "mysql")]
            second_key,
            #[cfg(feature = "postgres")]
            copies,
        };
        let table = job.target.place.name.clone();
        let dialect = self.kind().dialect();
        let begin = match job.by {
            ReadBy::List if job.is_plain() => dialect.begin_page,
            _ => dialect.begin,
        };
        let finish = self.finish_before(job.span).await?;
        // A careful transaction looks for the rows to blame, which an ordinary one need not pay for.
        let mut careful = false;
        let (done, finish) = transaction!(
            self,
            &table,
            begin = begin,
            again = |error: &TxError| match error {
                // Some of the rows exist, or may: whatever it was, it will be seen again if it is more than that.
                TxError::Data(_) | TxError::Contended { .. } if job.hopes_for_new => {
                    job.hopes_for_new = false;
                    true
                }
                TxError::Data(_) if !careful => {
                    careful = true;
                    true
                }
                _ => false,
            },
            async |conn| { write(conn, &job, &items, finish, careful).await }
        )?;
        report.finish = finish;
        for (item, done) in items.into_iter().zip(done) {
            if let Some(change) = done.change {
                report.changes.push((item.id.clone(), change));
            }
            report.rows.push((item.id, done.written));
        }
        Ok(report)
    }

    /// The end of a read, on a database whose counter cannot be used inside the transaction.
    pub(super) async fn finish_before(&self, span: Span) -> Result<Option<i64>, StoreError> {
        match span.finish {
            None if self.kind().is_mysql() => self.tick().await.map(Some),
            finish => Ok(finish),
        }
    }
}

async fn write(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    items: &[Item],
    finish: Option<i64>,
    careful: bool,
) -> Result<(Vec<Done>, Option<i64>), TxError> {
    #[cfg(feature = "live")]
    if let Some(following) = &job.following {
        following.check(conn).await?;
    }
    let how = match job.by {
        ReadBy::List if job.target.guarded() => Hold::Page(finish),
        _ => Hold::Shared,
    };
    let mut held = hold(conn, &job.target, how, job.lease).await?;
    held.finish = held.finish.or(finish);
    if let (true, Some(statement)) = (careful, conn.kind().dialect().constraints_now) {
        conn.run(statement).await?;
    }
    if let Some(lease) = job.lease {
        let state = &job.state;
        for slice in &state.new {
            slices::insert(conn, lease, slice, lease.owner).await?;
        }
        for slice in &state.free {
            slices::insert(conn, lease, slice, walk::NOBODY).await?;
        }
        slices::advance(conn, lease, &state.advances).await?;
    }
    #[cfg(feature = "live")]
    if job
        .following
        .is_some_and(|following| following.stripe_at.is_some())
        && job.target.guarded()
    {
        // Here, so that it is known whoever writes the row.
        held.finish(conn).await?;
    }
    #[cfg_attr(not(feature = "live"), allow(unused_mut))]
    let mut done = match job.target.model.parts.sync {
        _ if items.is_empty() => Vec::new(),
        Some(hook) => hooked::rows(conn, job, held, items, hook).await?,
        None => attempt::rows(conn, job, &mut held, items, careful).await?,
    };
    if let Some(lease) = job.lease {
        if !job.state.seen.is_empty() {
            let batch = held.finish(conn).await?;
            seen::insert(conn, lease, batch, &job.state.seen).await?;
        }
        // A run that is killed before they are read again, or reported, leaves them here.
        let failures = failures(job, items, &done);
        remarks::record_failed(conn, &job.target.key(), &failures).await?;
    }
    #[cfg(feature = "live")]
    if let Some(following) = &job.following
        && done.iter().all(Done::is_done)
    {
        let changed = items.iter().zip(&done).find_map(|(item, done)| {
            Some((&*item.id, super::ChangeKind::of_write(&done.written)?))
        });
        let changes = items.iter().zip(&mut done);
        let changes =
            changes.filter_map(|(item, done)| Some((item.id.clone(), done.change.take()?)));
        let changes = changes.collect();
        following
            .complete(conn, job.target.table(), changes, changed, held.finish)
            .await?;
    }
    Ok((done, held.finish))
}

/// The objects of a page that are not in the table as Stripe has them when the transaction commits.
fn failures(job: &Job<'_>, items: &[Item], done: &[Done]) -> Vec<Failure> {
    let of = |item: &Item, column: Option<&str>, reason: &str| Failure {
        id: item.id.clone(),
        column: column.map(str::to_owned),
        reason: reason.to_owned(),
    };
    let refused = items
        .iter()
        .zip(done)
        .filter_map(|(item, done)| match &done.written {
            Written::Failed { column, reason } => Some(of(item, column.as_deref(), reason)),
            Written::ReadAgain => Some(of(item, None, OVERTAKEN)),
            Written::Done(_) => None,
        });
    job.state.failures.iter().cloned().chain(refused).collect()
}

/// A hook that takes another database's connection cannot run.
fn check_hook(target: &Target<'_>) -> Result<(), StoreError> {
    let Some(hook) = target.model.parts.sync else {
        return Ok(());
    };
    let database: DatabaseKind = match hook {
        #[cfg(feature = "sqlite")]
        SyncHook::Sqlite(_) => DatabaseKind::Sqlite,
        #[cfg(feature = "postgres")]
        SyncHook::Postgres(_) => DatabaseKind::Postgres,
        #[cfg(feature = "mysql")]
        SyncHook::MySql(_) => DatabaseKind::MySql,
    };
    if database == target.kind {
        return Ok(());
    }
    Err(StoreError::WrongHook {
        model: target.model.name(),
        database: target.kind,
    })
}
