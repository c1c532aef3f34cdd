//! Objects by their ids: read side by side, and written together.

use std::collections::HashSet;
use std::time::Instant;

use futures_util::{StreamExt, stream};

use crate::store::rows::Failure;
use crate::sync::error::SyncError;
use crate::sync::object::newest::{Found, found};
use crate::sync::object::read::retrieve;
use crate::sync::object::{ModelRun, ObjectWriter, Outcomes};
use crate::sync::report::IdOutcome;

/// Objects that are asked for at once; the rate budget decides how fast they are answered.
pub(crate) const READS_AT_ONCE: usize = 16;
/// Objects that are written at once.
pub(crate) const BATCH: usize = 100;
/// As many refusals of the key at the beginning, and nothing else, say that it may not read the resource at all: that is an
/// error of the run. One among others is the failure of one object.
const REFUSALS: usize = 10;
/// Stripe's ids have up to 255 characters.
const LONGEST_ID: usize = 255;
/// How the ids of invoices begin that are not there yet.
const PREVIEW: &str = "upcoming_in_";

impl ObjectWriter<'_> {
    /// Reads objects, not more than [`BATCH`], and writes them. Returns the outcome of each.
    ///
    /// # Errors
    /// When Stripe or the database fail as a whole.
    pub(crate) async fn write_ids(&mut self, ids: &[String]) -> Result<Outcomes, SyncError> {
        let run = self.run;
        // One token for all: an earlier start claims less, so it is safe for each of the reads.
        let start = run.store().next_token().await?;
        // A closure over borrowed ids inside the stream would make the whole run's future not `Send`.
        let reads: Vec<_> = ids.iter().map(|id| read(run, id)).collect();
        let mut answers = stream::iter(reads).buffer_unordered(READS_AT_ONCE);
        let (mut mapped, mut failed) = (Vec::with_capacity(ids.len()), Vec::new());
        let mut refusals = 0;
        while let Some((id, answer)) = run.waited(answers.next()).await {
            match answer {
                Ok(found) => {
                    self.may_read = true;
                    self.report.seen += u64::from(found.is_shown);
                    mapped.push(found.mapped);
                }
                Err(SyncError::Object { failure, .. }) => failed.push(failure),
                Err(error @ SyncError::NoParent { .. }) => {
                    failed.push(Failure::whole(id, error.to_string()));
                }
                // A key that is wrong fails for every id: that is an error of the run.
                Err(SyncError::Stripe(error)) if !error.is_unauthorized() => {
                    failed.push(Failure::whole(id, error.to_string()));
                    refusals += usize::from(error.is_permission());
                    let only_refusals = !self.may_read && refusals == failed.len();
                    if only_refusals && refusals >= ids.len().min(REFUSALS) {
                        return Err(error.into());
                    }
                }
                Err(error) => return Err(error),
            }
        }
        let began = Instant::now();
        let mut outcomes = self.write(mapped, start, None).await?;
        self.report.writing += began.elapsed();
        for failure in failed {
            outcomes.push((failure.id.clone(), IdOutcome::Failed(failure.clone())));
            self.report.fail(failure);
        }
        Ok(outcomes)
    }

    /// Reads objects that a list or an event led to, and writes them. Returns the outcome of each. What a list showed already
    /// does not count as seen once more.
    ///
    /// # Errors
    /// When Stripe or the database fail as a whole.
    pub(crate) async fn reread(&mut self, ids: &[String]) -> Result<Outcomes, SyncError> {
        let (seen, unchanged) = (self.report.seen, self.report.unchanged);
        let outcomes = self.write_ids(ids).await;
        (self.report.seen, self.report.unchanged) = (seen, unchanged);
        outcomes
    }

    /// The same for objects that events led to, however many.
    ///
    /// # Errors
    /// As [`reread`](Self::reread).
    pub(crate) async fn reread_all(&mut self, ids: HashSet<String>) -> Result<(), SyncError> {
        let ids: Vec<String> = ids.into_iter().collect();
        for ids in ids.chunks(BATCH) {
            self.reread(ids).await?;
            self.report.replayed += ids.len() as u64;
        }
        Ok(())
    }

    /// Reads again what the database refused because of other rows: a value under a unique key may have moved to it from a
    /// row of a later page, or it refers to such a row. Each round writes one of them at the least, or is the last.
    ///
    /// # Errors
    /// As [`reread`](Self::reread).
    pub(crate) async fn reread_waiting(&mut self) -> Result<(), SyncError> {
        let mut before = usize::MAX;
        while !self.waiting.is_empty() && self.waiting.len() < before {
            let waiting = std::mem::take(&mut self.waiting);
            before = waiting.len();
            self.reread_all(waiting).await?;
        }
        self.waiting.clear();
        Ok(())
    }
}

/// Why no object can have an id, if none can: it is not asked for.
pub(crate) fn names_nothing(id: &str) -> Option<&'static str> {
    if id.is_empty() {
        Some("an empty id names no object")
    } else if id.contains('\0') {
        Some("an id with a NUL character names no object")
    } else if id.chars().count() > LONGEST_ID {
        Some("an id of more than 255 characters names no object")
    } else if id.starts_with(PREVIEW) {
        Some("the id is of the preview of an invoice, which no request returns")
    } else {
        None
    }
}

async fn read<'i>(run: &ModelRun<'_>, id: &'i String) -> (&'i String, Result<Found, SyncError>) {
    let answer = async {
        if let Some(reason) = names_nothing(id) {
            return Err(SyncError::Object {
                model: run.model.name(),
                failure: Failure::whole(id, reason),
            });
        }
        found(run, id, retrieve(run, id).await).await
    };
    (id, answer.await)
}
