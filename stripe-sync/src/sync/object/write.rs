//! From mapped objects to the table: writes until the read of each object is the newest, runs `after_commit`, and counts.

use std::collections::HashSet;
use std::sync::atomic::Ordering::Relaxed;

use crate::freshness::ReadBy;
use crate::model::Model;
use crate::model::hooks::Outcome;
use crate::store::backfill::rider::PageRider;
#[cfg(feature = "live")]
use crate::store::events::completion::Following;
use crate::store::rows::delete::Gone;
use crate::store::rows::write::WriteBatch;
use crate::store::rows::{Failure, KeyedRow, Rider, Written};
#[cfg(feature = "live")]
use crate::stripe_time::told_until;

use crate::sync::error::SyncError;
#[cfg(feature = "live")]
use crate::sync::object::absence::Doubt;
use crate::sync::object::read::is_retrievable;
use crate::sync::object::streak::Streak;
use crate::sync::object::{Mapped, ModelRun};
use crate::sync::report::{IdOutcome, Report};

/// The outcomes of objects, in no order.
pub(crate) type Outcomes = Vec<(String, IdOutcome)>;

/// Writes objects that were read, for runs and for events.
pub(crate) struct ObjectWriter<'r> {
    pub(crate) run: &'r ModelRun<'r>,
    /// Whether rows that look the same are written too.
    pub(crate) rewrite_unchanged: bool,
    /// Ids that failed in an earlier run, to be forgotten when they succeed.
    pub(crate) failed_before: HashSet<String>,
    /// Ids that failed in this run: one that fails again is not counted again.
    pub(super) failed: HashSet<String>,
    /// Ids whose rows the database may take once others are written.
    pub(crate) waiting: HashSet<String>,
    /// The objects that the database refused last, one after the other.
    streak: Streak,
    pub(crate) report: Report,
    /// Elements that failed where events led to their parents.
    pub(crate) failed_children: Vec<(&'static Model, Failure)>,
    /// Whether an object came that is of the other mode.
    pub(crate) other_mode: bool,
    /// Whether a list page changed a row that was there: the lists are those of the account that the rows are of.
    pub(crate) knew_rows: bool,
    /// Whether Stripe answered anything of the resource, so that a refusal is about one object.
    pub(crate) may_read: bool,
    /// Whether the rows of the last write were all new.
    expect_all_new: bool,
    /// Whether what is written next was on a list page, though it may be read again by its id.
    listed: bool,
    /// What follows in the transaction that writes an object, where events led to it.
    #[cfg(feature = "live")]
    pub(crate) following: Option<Following<'r>>,
    /// How to confirm a read that finds nothing; it is believed at once when `None`.
    #[cfg(feature = "live")]
    pub(crate) doubt: Option<Doubt<'r>>,
}

impl<'r> ObjectWriter<'r> {
    pub(crate) fn new(run: &'r ModelRun<'r>) -> Self {
        Self {
            run,
            rewrite_unchanged: false,
            failed_before: HashSet::new(),
            failed: HashSet::new(),
            waiting: HashSet::new(),
            streak: Streak::default(),
            report: Report::new(run.model, run.store().place(run.model).name.clone()),
            failed_children: Vec::new(),
            other_mode: false,
            knew_rows: false,
            may_read: false,
            expect_all_new: false,
            listed: false,
            #[cfg(feature = "live")]
            following: None,
            #[cfg(feature = "live")]
            doubt: None,
        }
    }

    /// Writes objects, none of which was read before `start`, and with pages of a run how far the run is. Returns the outcome
    /// of each that was read by its id, or failed before.
    ///
    /// # Errors
    /// When the database fails as a whole, or Stripe while an object is read again; when another run followed.
    pub(crate) async fn write(
        &mut self,
        mapped: Vec<Mapped>,
        start: i64,
        page: Option<PageRider<'_>>,
    ) -> Result<Outcomes, SyncError> {
        self.listed = page.is_some();
        self.may_read |= self.listed;
        let (mut outcomes, mut later) = (Vec::new(), Vec::new());
        let again = self.write_once(mapped, start, page, &mut outcomes).await?;
        self.record(&outcomes).await?;
        if is_retrievable(self.run.model) {
            // On the heap: what nests this future would hit the compiler's recursion limit.
            Box::pin(self.newest(again, None, &mut later)).await?;
        } else {
            let reason =
                "was written by others while its list was read; the next run reads it again";
            later.extend(
                again
                    .into_iter()
                    .map(|id| failed(Failure::whole(id, reason))),
            );
        }
        self.listed = false;
        self.record(&later).await?;
        outcomes.append(&mut later);
        Ok(outcomes)
    }

    /// Writes objects once. Returns the ids to read again.
    pub(crate) async fn write_once(
        &mut self,
        mapped: Vec<Mapped>,
        start: i64,
        mut page: Option<PageRider<'_>>,
        outcomes: &mut Outcomes,
    ) -> Result<Vec<String>, SyncError> {
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
                Mapped::Other(_) => {}
            }
        }
        if let Some(page) = &mut page {
            // With the page, so that a run that is killed leaves them; `record` counts them for the report and writes them
            // once more, for what comes without a page.
            page.state.failures.clone_from(&failures);
        }
        outcomes.extend(failures.into_iter().map(failed));
        let lease = page.as_ref().map(|page| page.lease);
        let mut again = self.write_rows(rows, start, page, outcomes).await?;
        if lease.is_some() {
            // Only what is answered to the read of an object says that it is gone.
            again.append(&mut deleted);
        }
        let deleted = self.gone(Gone::Deleted, deleted, start, None, outcomes);
        again.extend(deleted.await?);
        let left = self.gone(Gone::Left, outside, start, lease, outcomes);
        again.extend(left.await?);
        Ok(again)
    }

    /// Writes rows. Returns the ids to read again.
    async fn write_rows(
        &mut self,
        rows: Vec<KeyedRow>,
        start: i64,
        page: Option<PageRider<'_>>,
        outcomes: &mut Outcomes,
    ) -> Result<Vec<String>, SyncError> {
        let lease = page.as_ref().map(|page| page.lease);
        if rows.is_empty() && lease.is_none() {
            return Ok(Vec::new());
        }
        // A run reads lists, everything else one object at a time.
        let by = lease.map_or(ReadBy::Id, |_| ReadBy::List);
        let single_read = by == ReadBy::Id;
        let run = self.run;
        let batch = WriteBatch {
            model: run.model,
            scope: &run.scope,
            rows,
            start,
            by,
            rewrite_unchanged: self.rewrite_unchanged,
            existing_only: run.model.is_listed_only() && !self.listed,
            expect_all_new: self.expect_all_new,
            lease,
            riders: &self.riders(page.as_ref()),
            context: &run.context,
        };
        // On the heap, so that the futures of runs stay shallow and small.
        let written = Box::pin(run.store().write(batch)).await?;
        run.latest
            .fetch_max(written.finish.unwrap_or_default(), Relaxed);
        let mut again = written.again;
        self.take_children(written.children).await;
        let new = |written: &Written| *written == Written::Done(Outcome::Inserted);
        // A write of a run's state alone, without rows, says nothing.
        if !written.rows.is_empty() {
            self.expect_all_new = written.rows.iter().all(|(_, written)| new(written));
        }
        // The outcomes of a page are counted; only what is asked for by its id, or failed before, is told one by one.
        for (id, outcome) in written.rows {
            match outcome {
                Written::Done(outcome) => {
                    self.streak.done(outcome);
                    self.report.count(outcome);
                    self.knew_rows |= !single_read && outcome == Outcome::Updated;
                    if single_read || self.failed_before.contains(&id) {
                        outcomes.push((id, outcome.into()));
                    }
                }
                Written::Outside => {
                    self.report.outside += 1;
                    outcomes.push((id, IdOutcome::OutsideFilter));
                }
                Written::ReadAgain => again.push(id),
                Written::Failed {
                    column,
                    reason,
                    waits,
                    code,
                } => {
                    if waits {
                        self.waiting.insert(id.clone());
                    }
                    self.streak.refused(&id, code, &reason);
                    outcomes.push(failed(Failure { id, column, reason }));
                }
            }
        }
        self.end_streak().await?;
        self.failed_before
            .extend(again.iter().filter(|_| !single_read).cloned());
        self.after_commit(written.changes).await;
        Ok(again)
    }

    /// What rides in the transaction that writes or deletes rows.
    pub(crate) fn riders<'a>(&'a self, page: Option<&'a PageRider<'_>>) -> Vec<&'a dyn Rider> {
        let page = page.map(|page| page as &dyn Rider);
        #[cfg(feature = "live")]
        let events = self.following.as_ref().map(|events| events as &dyn Rider);
        #[cfg(not(feature = "live"))]
        let events = None;
        page.into_iter().chain(events).collect()
    }

    /// Says when the read was answered whose object is written next.
    #[cfg_attr(
        not(feature = "live"),
        allow(clippy::unused_self, reason = "only events are compared with it")
    )]
    pub(crate) fn date_read(&mut self, date: Option<i64>) {
        #[cfg(feature = "live")]
        {
            let here = chrono::Utc::now().timestamp();
            self.date(date.and_then(|date| told_until(date, here)));
        }
        #[cfg(not(feature = "live"))]
        let _ = date;
    }

    /// Says up to which second, by Stripe's clock, events may tell of what the object that is written next holds already.
    #[cfg(feature = "live")]
    pub(crate) fn date(&mut self, date: Option<i64>) {
        if let Some(following) = &mut self.following {
            following.stripe_at = date.filter(|_| following.keeps_content_time);
        }
    }

    /// Whether what is written follows from events.
    pub(crate) fn is_following(&self) -> bool {
        #[cfg(feature = "live")]
        return self.following.is_some();
        #[cfg(not(feature = "live"))]
        false
    }

    /// Ends the run if the database takes no row any more: it is not the objects that are to blame then.
    ///
    /// # Errors
    /// When it is so, and nothing of these objects is recorded as failed any more.
    async fn end_streak(&mut self) -> Result<(), SyncError> {
        let Some(refusal) = self.streak.end(self.run.model.name()) else {
            return Ok(());
        };
        let run = self.run;
        let ids: Vec<String> = self.streak.take();
        run.store()
            .clear_failed(run.model, &run.scope, &ids)
            .await?;
        for id in &ids {
            self.report.clear_failure(id, &mut self.failed);
        }
        Err(refusal)
    }

    /// Says in the report what the run could not do.
    pub(crate) fn warn(&mut self, warning: impl Into<String>) {
        self.report.warnings.push(warning.into());
    }

    /// Whether an object failed in this run.
    pub(crate) fn has_failed(&self, id: &str) -> bool {
        self.failed.contains(id)
    }

    /// Records the objects that failed, and clears the failures of those that are in the table, or gone, by now.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn record(
        &mut self,
        outcomes: &[(String, IdOutcome)],
    ) -> Result<(), SyncError> {
        let run = self.run;
        let failures = outcomes.iter().filter_map(|(_, outcome)| outcome.failure());
        let failures: Vec<Failure> = failures.cloned().collect();
        if !failures.is_empty() {
            let recorded = run.store().record_failed(run.model, &run.scope, &failures);
            recorded.await?;
        }
        for failure in failures {
            self.failed_before.insert(failure.id.clone());
            // Objects without an id cannot be told apart. Of an event the service says what failed.
            let is_new = failure.id.is_empty() || self.failed.insert(failure.id.clone());
            if is_new && !self.is_following() {
                self.report.fail(failure);
            }
        }
        let mut cleared = Vec::new();
        for (id, outcome) in outcomes {
            if outcome.failure().is_none() && self.failed_before.remove(id) {
                self.report.clear_failure(id, &mut self.failed);
                cleared.push(id.clone());
            }
        }
        if !cleared.is_empty() {
            let clear = run.store().clear_failed(run.model, &run.scope, &cleared);
            clear.await?;
        }
        Ok(())
    }
}

/// The outcome of an object that failed.
pub(crate) fn failed(failure: Failure) -> (String, IdOutcome) {
    (failure.id.clone(), IdOutcome::Failed(failure))
}
