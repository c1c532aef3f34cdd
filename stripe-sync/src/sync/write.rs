//! From mapped objects to the table: writes, reads again what was overtaken, runs `after_commit`, and counts.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;

use crate::client::{Meter, Stripe};
use crate::context::Context;
use crate::hooks::Outcome;
use crate::model::Model;
use crate::store::{
    Deletion, Failure, KeyedRow, PageState, Scope, Span, Store, WalkLease, WriteBatch, Written,
};

use super::page::{Mapped, map};
use super::retrieve::{is_retrievable, retrieve};
use super::{IdOutcome, Report, SyncError, by_ids};

/// How often an object is read again before it counts as failed. Against a walk the second try stands, against others that
/// read the same object it takes a few more; so many in vain mean that something else is wrong.
const READ_AGAIN_LIMIT: u32 = 20;
/// The longest pause between two tries, in milliseconds. It is random, so that two that met do not meet again.
const READ_AGAIN_PAUSE: u64 = 50;

/// What the objects of one answer, or of a few answers, belong to.
pub(crate) struct Writer<'a> {
    pub(crate) stripe: &'a Stripe,
    pub(crate) store: &'a Store,
    pub(crate) model: &'static Model,
    pub(crate) scope: &'a Scope,
    pub(crate) context: &'a Context,
    pub(crate) meter: &'a Meter,
    /// Whether rows that look the same are written too.
    pub(crate) fresh: bool,
    /// Ids that failed in an earlier run, to be forgotten when they succeed.
    pub(crate) failed_before: HashSet<String>,
    /// Ids that failed in this run: one that fails again is not counted again.
    pub(crate) failed: HashSet<String>,
    pub(crate) report: Report,
    /// The newest token that this run has seen: a read that begins now began after it.
    pub(crate) latest: Arc<AtomicI64>,
    /// Whether the rows of the last write were all new.
    pub(crate) hopes_for_new: bool,
}

impl Writer<'_> {
    /// Writes objects that were read one at a time, none before `start`; answers what became of each, in no order.
    ///
    /// # Errors
    /// When the database fails as a whole, or Stripe while an object is read again.
    pub(crate) async fn objects(
        &mut self,
        objects: Vec<Bytes>,
        start: i64,
    ) -> Result<Vec<(String, IdOutcome)>, SyncError> {
        let mut mapped = Vec::with_capacity(objects.len());
        for object in objects {
            mapped.push(map(self.model, object, self.context).await);
        }
        self.mapped(mapped, start, None).await
    }

    /// Writes pages of a walk that are mapped already, and with them how far the walk is.
    ///
    /// # Errors
    /// As [`objects`](Self::objects); when another walk followed.
    pub(crate) async fn pages(
        &mut self,
        mapped: Vec<Mapped>,
        start: i64,
        lease: &WalkLease,
        state: PageState,
    ) -> Result<(), SyncError> {
        self.mapped(mapped, start, Some((lease, state)))
            .await
            .map(drop)
    }

    async fn mapped(
        &mut self,
        mapped: Vec<Mapped>,
        start: i64,
        page: Option<(&WalkLease, PageState)>,
    ) -> Result<Vec<(String, IdOutcome)>, SyncError> {
        let mut outcomes = Vec::new();
        let mut rows = Vec::with_capacity(mapped.len());
        let mut deleted = Vec::new();
        let mut failures = Vec::new();
        for object in mapped {
            match object {
                Mapped::Row(row) => rows.push(*row),
                Mapped::Deleted(id) => deleted.push(id),
                Mapped::Failed(failure) => failures.push(failure),
                Mapped::Other => continue,
            }
            self.report.seen += 1;
        }

        let page = page.map(|(lease, mut state)| {
            state.failures.clone_from(&failures);
            (lease, state)
        });
        let mut again = self
            .rows(rows, start, page, &mut outcomes, &mut failures)
            .await?;
        again.extend(self.deletions(deleted, start, &mut outcomes).await?);
        self.failures(failures, &mut outcomes).await?;
        self.read_again(again, &mut outcomes).await?;
        self.forgive(&outcomes).await?;
        Ok(outcomes)
    }

    /// Writes rows; answers the ids to read again.
    async fn rows(
        &mut self,
        rows: Vec<KeyedRow>,
        start: i64,
        page: Option<(&WalkLease, PageState)>,
        outcomes: &mut Vec<(String, IdOutcome)>,
        failures: &mut Vec<Failure>,
    ) -> Result<Vec<String>, SyncError> {
        let (lease, state) = page.unzip();
        if rows.is_empty() && lease.is_none() {
            return Ok(Vec::new());
        }
        // A walk reads lists, everything else one object at a time.
        let single_read = lease.is_none();
        let batch = WriteBatch {
            model: self.model,
            scope: self.scope,
            rows,
            span: Span {
                start,
                finish: None,
            },
            single_read,
            fresh: self.fresh,
            hopes_for_new: self.hopes_for_new,
            lease,
            state: state.unwrap_or_default(),
            #[cfg(feature = "live")]
            following: None,
            context: self.context,
        };
        let written = self.store.write(batch).await?;
        self.latest
            .fetch_max(written.finish.unwrap_or_default(), Relaxed);
        let mut again = Vec::new();
        let new = |written: &Written| *written == Written::Done(Outcome::Inserted);
        // A write of a walk's state alone, without rows, says nothing.
        if !written.rows.is_empty() {
            self.hopes_for_new = written.rows.iter().all(|(_, written)| new(written));
        }
        // The outcomes of a page are counted; only what is asked for by its id, or failed before, is told one by one.
        let told = |id: &String| single_read || self.failed_before.contains(id);
        for (id, outcome) in written.rows {
            match outcome {
                Written::Done(outcome) => {
                    self.report.count(outcome);
                    if told(&id) {
                        outcomes.push((id, outcome.into()));
                    }
                }
                Written::ReadAgain => again.push(id),
                Written::Failed { column, reason } => failures.push(Failure { id, column, reason }),
            }
        }
        self.failed_before
            .extend(again.iter().filter(|_| !single_read).cloned());
        self.after_commit(written.changes).await;
        Ok(again)
    }

    /// Marks or removes rows; answers the ids to read again.
    async fn deletions(
        &mut self,
        ids: Vec<String>,
        start: i64,
        outcomes: &mut Vec<(String, IdOutcome)>,
    ) -> Result<Vec<String>, SyncError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let span = Span {
            start,
            finish: None,
        };
        let deleted = self
            .store
            .delete(self.model, self.scope, &ids, span, None)
            .await?;
        let mut again = Vec::new();
        for (id, outcome) in deleted.rows {
            match outcome {
                Deletion::Deleted => {
                    self.report.deleted += 1;
                    outcomes.push((id, IdOutcome::Deleted));
                }
                Deletion::AlreadyDeleted => outcomes.push((id, IdOutcome::Deleted)),
                Deletion::Unknown => {
                    self.report.missing += 1;
                    outcomes.push((id, IdOutcome::Missing));
                }
                Deletion::ReadAgain => again.push(id),
            }
        }
        self.after_commit(deleted.changes).await;
        Ok(again)
    }

    /// The ids that Stripe answered 404 for, when it was asked for each by its id.
    pub(crate) async fn not_found(
        &mut self,
        ids: Vec<String>,
        start: i64,
    ) -> Result<Vec<(String, IdOutcome)>, SyncError> {
        let mut outcomes = Vec::with_capacity(ids.len());
        let again = self.deletions(ids, start, &mut outcomes).await?;
        self.read_again(again, &mut outcomes).await?;
        self.forgive(&outcomes).await?;
        Ok(outcomes)
    }

    /// Reads objects again that a newer read overtook, each until its read is the newest.
    async fn read_again(
        &mut self,
        mut ids: Vec<String>,
        outcomes: &mut Vec<(String, IdOutcome)>,
    ) -> Result<(), SyncError> {
        let mut failures = Vec::new();
        if !is_retrievable(self.model) {
            let reason =
                "was written by others while its list was read; the next run reads it again";
            failures.extend(ids.drain(..).map(|id| Failure::whole(id, reason)));
        }
        for _ in 0..READ_AGAIN_LIMIT {
            let mut overtaken = Vec::new();
            for id in std::mem::take(&mut ids) {
                let start = self.store.tick().await?;
                match retrieve(self.reader(), self.model, &id).await {
                    Ok(Some(object)) => match map(self.model, object, self.context).await {
                        Mapped::Row(row) => overtaken.extend(
                            self.rows(vec![*row], start, None, outcomes, &mut failures)
                                .await?,
                        ),
                        Mapped::Deleted(id) => {
                            overtaken.extend(self.deletions(vec![id], start, outcomes).await?);
                        }
                        Mapped::Failed(failure) => failures.push(failure),
                        Mapped::Other => {}
                    },
                    Ok(None) => overtaken.extend(self.deletions(vec![id], start, outcomes).await?),
                    Err(SyncError::Object { failure, .. }) => failures.push(failure),
                    Err(error) => return Err(error),
                }
            }
            ids = overtaken;
            if ids.is_empty() {
                break;
            }
            let pause = Duration::from_millis(fastrand::u64(0..READ_AGAIN_PAUSE));
            tokio::time::sleep(pause).await;
        }
        let reason =
            format!("changed or was written by others at each of {READ_AGAIN_LIMIT} reads");
        failures.extend(ids.into_iter().map(|id| Failure::whole(id, &reason)));
        self.failures(failures, outcomes).await
    }

    async fn after_commit(&mut self, changes: Vec<(String, crate::hooks::ChangedCells)>) {
        let Some(hook) = self.model.parts.after_commit else {
            return;
        };
        for (id, change) in changes {
            if let Err(error) = hook(change, self.context).await {
                self.report.fail(Failure::whole(id, error.to_string()));
            }
        }
    }

    /// Remembers objects that failed.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn failures(
        &mut self,
        failures: Vec<Failure>,
        outcomes: &mut Vec<(String, IdOutcome)>,
    ) -> Result<(), SyncError> {
        if failures.is_empty() {
            return Ok(());
        }
        self.store
            .record_failed(self.model, self.scope, &failures)
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
    pub(crate) async fn read_ids(
        &mut self,
        ids: &[String],
    ) -> Result<Vec<(String, IdOutcome)>, SyncError> {
        let (seen, unchanged) = (self.report.seen, self.report.unchanged);
        let outcomes = by_ids::write_batch(self, ids).await;
        (self.report.seen, self.report.unchanged) = (seen, unchanged);
        outcomes
    }

    /// The objects that are remembered as failed for this reason.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn failed_before_for(&self, reason: &str) -> Result<Vec<String>, SyncError> {
        let failed = self.store.failed(self.model, self.scope).await?;
        let failed = failed.into_iter().filter(|row| row.reason == reason);
        Ok(failed.map(|row| row.id).collect())
    }

    /// Forgets the failures of objects that are in the table, or gone, by now.
    async fn forgive(&mut self, outcomes: &[(String, IdOutcome)]) -> Result<(), SyncError> {
        if self.failed_before.is_empty() {
            return Ok(());
        }
        for (id, outcome) in outcomes {
            if !matches!(outcome, IdOutcome::Failed(_)) {
                self.report.forgive(id, &mut self.failed);
            }
        }
        let fine: Vec<String> = outcomes
            .iter()
            .filter(|(_, outcome)| !matches!(outcome, IdOutcome::Failed(_)))
            .filter(|(id, _)| self.failed_before.remove(id))
            .map(|(id, _)| id.clone())
            .collect();
        if !fine.is_empty() {
            self.store
                .clear_failed(self.model, self.scope, &fine)
                .await?;
        }
        Ok(())
    }
}
