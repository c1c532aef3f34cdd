//! From mapped objects to the table: writes until the read of each object is the newest, runs `after_commit`, and counts.

use std::collections::HashSet;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use crate::hooks::{ChangedCells, Outcome};
#[cfg(feature = "live")]
use crate::store::Following;
use crate::store::{Failure, Gone, KeyedRow, PageState, Span, WalkLease, WriteBatch, Written};

use super::inline::complete;
use super::page::{Mapped, map};
use super::retrieve::{Read, is_retrievable, retrieve};
use super::run::Run;
use super::{IdOutcome, Report, SyncError, by_ids};

/// How often an object is read before it counts as failed, because others write it meanwhile. Against a walk the second
/// try stands, against others that read the same object it takes a few more; so many in vain mean that something else is
/// wrong.
const READ_LIMIT: u32 = 20;
/// The longest pause between two tries, in milliseconds. It is random, so that two that met do not meet again.
const READ_PAUSE: u64 = 50;

/// What became of objects, in no order.
pub(crate) type Outcomes = Vec<(String, IdOutcome)>;

/// Writes what a run read.
pub(crate) struct Writer<'r> {
    pub(crate) run: &'r Run<'r>,
    /// Whether rows that look the same are written too.
    pub(super) fresh: bool,
    /// Ids that failed in an earlier run, to be forgotten when they succeed.
    pub(super) failed_before: HashSet<String>,
    /// Ids that failed in this run: one that fails again is not counted again.
    failed: HashSet<String>,
    pub(crate) report: Report,
    /// Whether an object came that is of the other mode.
    pub(super) other_mode: bool,
    /// Whether the rows of the last write were all new.
    hopes_for_new: bool,
    /// Whether what is written next was on a list page, though it may be read again by its id.
    listed: bool,
    /// What follows in the transaction that writes an object, where events led to it.
    #[cfg(feature = "live")]
    pub(crate) following: Option<Following<'r>>,
}

impl<'r> Writer<'r> {
    pub(crate) fn new(run: &'r Run<'r>) -> Self {
        Self {
            run,
            fresh: false,
            failed_before: HashSet::new(),
            failed: HashSet::new(),
            report: Report::new(run.model, run.store().place(run.model).name.clone()),
            other_mode: false,
            hopes_for_new: false,
            listed: false,
            #[cfg(feature = "live")]
            following: None,
        }
    }

    /// Writes objects, none of which was read before `start`, and with pages of a walk how far the walk is. Returns what
    /// became of each that was read by its id, or failed before.
    ///
    /// # Errors
    /// When the database fails as a whole, or Stripe while an object is read again; when another walk followed.
    pub(crate) async fn write(
        &mut self,
        mapped: Vec<Mapped>,
        start: i64,
        page: Option<(&WalkLease, PageState)>,
    ) -> Result<Outcomes, SyncError> {
        let mut outcomes = Vec::new();
        let mut rows = Vec::with_capacity(mapped.len());
        let (mut deleted, mut outside) = (Vec::new(), Vec::new());
        let mut failures = Vec::new();
        for object in mapped {
            match object {
                Mapped::Row(row) => rows.push(*row),
                Mapped::Deleted(id) => deleted.push(id),
                Mapped::Outside(id) => outside.push(id),
                Mapped::Failed(failure) => failures.push(failure),
                Mapped::OtherMode(failure) => {
                    self.other_mode = true;
                    failures.push(failure);
                }
                Mapped::Other => {}
            }
        }
        let page = page.map(|(lease, mut state)| {
            state.failures.clone_from(&failures);
            (lease, state)
        });
        self.listed = page.is_some();
        let lease = page.as_ref().map(|(lease, _)| *lease);
        let mut again = self
            .rows(rows, start, page, &mut outcomes, &mut failures)
            .await?;
        let deleted = (Gone::Deleted, deleted);
        again.extend(self.gone(deleted, start, None, &mut outcomes).await?);
        let outside = (Gone::Left, outside);
        again.extend(self.gone(outside, start, lease, &mut outcomes).await?);
        self.fail(failures, &mut outcomes).await?;
        let failures = match is_retrievable(self.run.model) {
            true => self.newest(again, None, &mut outcomes).await?.0,
            false => {
                let reason =
                    "was written by others while its list was read; the next run reads it again";
                let failures = again.into_iter().map(|id| Failure::whole(id, reason));
                failures.collect()
            }
        };
        self.listed = false;
        self.fail(failures, &mut outcomes).await?;
        self.forgive(&outcomes).await?;
        Ok(outcomes)
    }

    /// Writes rows; answers the ids to read again.
    async fn rows(
        &mut self,
        rows: Vec<KeyedRow>,
        start: i64,
        page: Option<(&WalkLease, PageState)>,
        outcomes: &mut Outcomes,
        failures: &mut Vec<Failure>,
    ) -> Result<Vec<String>, SyncError> {
        let (lease, state) = page.unzip();
        if rows.is_empty() && lease.is_none() {
            return Ok(Vec::new());
        }
        // A walk reads lists, everything else one object at a time.
        let single_read = lease.is_none();
        let run = self.run;
        let batch = WriteBatch {
            model: run.model,
            scope: &run.scope,
            rows,
            span: span(start),
            single_read,
            fresh: self.fresh,
            existing_only: run.model.is_listed_only() && !self.listed,
            hopes_for_new: self.hopes_for_new,
            lease,
            state: state.unwrap_or_default(),
            #[cfg(feature = "live")]
            following: self.following,
            context: &run.context,
        };
        // On the heap, so that the futures of runs stay shallow and small.
        let written = Box::pin(run.store().write(batch)).await?;
        run.latest
            .fetch_max(written.finish.unwrap_or_default(), Relaxed);
        let mut again = Vec::new();
        let new = |written: &Written| *written == Written::Done(Outcome::Inserted);
        // A write of a walk's state alone, without rows, says nothing.
        if !written.rows.is_empty() {
            self.hopes_for_new = written.rows.iter().all(|(_, written)| new(written));
        }
        // The outcomes of a page are counted; only what is asked for by its id, or failed before, is told one by one.
        for (id, outcome) in written.rows {
            match outcome {
                Written::Done(outcome) => {
                    self.report.count(outcome);
                    if single_read || self.failed_before.contains(&id) {
                        outcomes.push((id, outcome.into()));
                    }
                }
                Written::Outside => self.outside(id, outcomes),
                Written::ReadAgain => again.push(id),
                Written::Failed { column, reason } => failures.push(Failure { id, column, reason }),
            }
        }
        self.failed_before
            .extend(again.iter().filter(|_| !single_read).cloned());
        self.after_commit(written.changes).await;
        Ok(again)
    }

    /// Writes a mapped object that was read by its id; answers that id if it is to be read again.
    pub(crate) async fn object(
        &mut self,
        mapped: Mapped,
        start: i64,
        outcomes: &mut Outcomes,
        failures: &mut Vec<Failure>,
    ) -> Result<Vec<String>, SyncError> {
        match mapped {
            Mapped::Row(row) => self.rows(vec![*row], start, None, outcomes, failures).await,
            Mapped::Deleted(id) => {
                let gone = (Gone::Deleted, vec![id]);
                self.gone(gone, start, None, outcomes).await
            }
            Mapped::Outside(id) => {
                let gone = (Gone::Left, vec![id]);
                self.gone(gone, start, None, outcomes).await
            }
            Mapped::Failed(failure) | Mapped::OtherMode(failure) => {
                failures.push(failure);
                Ok(Vec::new())
            }
            Mapped::Other => Ok(Vec::new()),
        }
    }

    /// Reads objects and writes each until no newer read overtakes it. Of a single one `first` may be the first read. Answers
    /// those that failed, and the last read.
    ///
    /// # Errors
    /// When Stripe or the database fail as a whole.
    pub(crate) async fn newest(
        &mut self,
        mut ids: Vec<String>,
        mut first: Option<Read>,
        outcomes: &mut Outcomes,
    ) -> Result<(Vec<Failure>, Option<Read>), SyncError> {
        let run = self.run;
        let (mut failures, mut last) = (Vec::new(), None);
        for _ in 0..READ_LIMIT {
            let mut overtaken = Vec::new();
            for id in std::mem::take(&mut ids) {
                let read = match first.take() {
                    Some(read) => read,
                    None => Read {
                        start: run.store().tick().await?,
                        found: retrieve(run.reader(), run.model, &id).await?,
                    },
                };
                last = Some(read.clone());
                let start = read.start;
                let mapped = self.map(id, read).await?;
                let again = self.object(mapped, start, outcomes, &mut failures);
                overtaken.extend(again.await?);
            }
            ids = overtaken;
            if ids.is_empty() {
                break;
            }
            let pause = Duration::from_millis(fastrand::u64(0..READ_PAUSE));
            tokio::time::sleep(pause).await;
        }
        let reason = format!("changed or was written by others at each of {READ_LIMIT} reads");
        failures.extend(ids.into_iter().map(|id| Failure::whole(id, &reason)));
        Ok((failures, last))
    }

    /// What a read of an object is to the model.
    async fn map(&mut self, id: String, read: Read) -> Result<Mapped, SyncError> {
        let Some(response) = read.found else {
            return Ok(Mapped::Deleted(id));
        };
        let (run, came) = (self.run, response.body.len());
        match complete(run.reader(), run.model, response.body).await {
            Ok(object) => {
                // What was put in was read later than the answer's date.
                self.date(response.date.filter(|_| object.len() == came));
                Ok(match map(run.model, object, &run.context).await {
                    Mapped::Other => {
                        let reason = "Stripe answered an object of another resource";
                        Mapped::Failed(Failure::whole(id, reason))
                    }
                    mapped => mapped,
                })
            }
            Err(SyncError::Object { failure, .. }) => Ok(Mapped::Failed(failure)),
            Err(error) => Err(error),
        }
    }

    /// Says of when, by Stripe's clock, the object is that is written next.
    #[cfg_attr(
        not(feature = "live"),
        allow(clippy::unused_self, reason = "only events are compared with it")
    )]
    pub(crate) fn date(&mut self, date: Option<i64>) {
        #[cfg(feature = "live")]
        if let Some(following) = &mut self.following {
            following.stripe_at = date.filter(|_| following.dates);
        }
        #[cfg(not(feature = "live"))]
        let _ = date;
    }

    pub(super) async fn after_commit(&mut self, changes: Vec<(String, ChangedCells)>) {
        let Some(hook) = self.run.model.parts.after_commit else {
            return;
        };
        for (id, change) in changes {
            if let Err(error) = hook(change, &self.run.context).await {
                self.report.fail(Failure::whole(id, error.to_string()));
            }
        }
    }

    /// Remembers objects that failed.
    ///
    /// # Errors
    /// When the database fails.
    async fn fail(
        &mut self,
        failures: Vec<Failure>,
        outcomes: &mut Outcomes,
    ) -> Result<(), SyncError> {
        if failures.is_empty() {
            return Ok(());
        }
        let run = self.run;
        run.store()
            .record_failed(run.model, &run.scope, &failures)
            .await?;
        for failure in failures {
            self.failed_before.insert(failure.id.clone());
            outcomes.push((failure.id.clone(), IdOutcome::Failed(failure.clone())));
            // Objects without an id cannot be told apart.
            if failure.id.is_empty() || self.failed.insert(failure.id.clone()) {
                self.report.fail(failure);
            }
        }
        Ok(())
    }

    /// Reads objects that a list or an event led to, and writes them; answers what became of each. What a list showed
    /// already does not count as seen once more.
    ///
    /// # Errors
    /// When Stripe or the database fail as a whole.
    pub(crate) async fn read_ids(&mut self, ids: &[String]) -> Result<Outcomes, SyncError> {
        let (seen, unchanged) = (self.report.seen, self.report.unchanged);
        let outcomes = by_ids::write_batch(self, ids).await;
        (self.report.seen, self.report.unchanged) = (seen, unchanged);
        outcomes
    }

    /// Forgets the failures of objects that are in the table, or gone, by now.
    pub(super) async fn forgive(
        &mut self,
        outcomes: &[(String, IdOutcome)],
    ) -> Result<(), SyncError> {
        let mut fine = Vec::new();
        for (id, outcome) in outcomes {
            if !matches!(outcome, IdOutcome::Failed(_)) && self.failed_before.remove(id) {
                self.report.forgive(id, &mut self.failed);
                fine.push(id.clone());
            }
        }
        if !fine.is_empty() {
            let run = self.run;
            run.store()
                .clear_failed(run.model, &run.scope, &fine)
                .await?;
        }
        Ok(())
    }
}

/// A read that ends with the write of what it found.
pub(super) fn span(start: i64) -> Span {
    Span {
        start,
        finish: None,
    }
}
