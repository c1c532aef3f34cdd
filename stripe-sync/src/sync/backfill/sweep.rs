//! Rows that the lists could have shown and did not: each is confirmed by a read before anything is removed, unless only the
//! lists say what the table is to have.

mod parents;
pub(crate) mod witnesses;

use std::sync::Arc;

use crate::store::backfill::unseen::Counted;
use crate::store::tables::RunLease;

use crate::sync::error::SyncError;
use crate::sync::object::ids::BATCH;
use crate::sync::object::read::is_retrievable;
use crate::sync::object::{ObjectWriter, Outcomes};
use crate::sync::report::IdOutcome;
use parents::parent_to_ask;
use witnesses::{WITNESSES, knows_any};

/// Hashes that are counted at once, 8 bytes each: half a megabyte is not seen beside the pages of a run. What a larger run
/// saw is read several times.
const COUNTED: i64 = 62_500;
/// Hashes that rows are compared with at once, if numbers alone do not say that there is nothing to compare. A larger
/// table is gone through several times, which costs more than to read the hashes again.
const COMPARED: i64 = 500_000;

/// How rows that no list showed are asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reads {
    /// The most reads of this run.
    pub(crate) most: u64,
    /// Whether there are lists that the key may not read. What they would have shown is not in no list: another key may
    /// see in them that it is gone, so it is not remembered as unlisted.
    pub(crate) lists_were_refused: bool,
    /// Whether all that was there before may be gone.
    pub(crate) after_wipe: bool,
}

/// Confirms what a run to the end of its lists did not see, within a budget of reads.
///
/// # Errors
/// When Stripe or the database fail.
pub(crate) async fn sweep(
    writer: &mut ObjectWriter<'_>,
    lease: &RunLease,
    reads: Reads,
) -> Result<(), SyncError> {
    let run = writer.run;
    let (store, model) = (run.store(), run.model);
    let filtered = model.is_filtered();
    let is_confirmed = is_retrievable(model) || parent_to_ask(model).is_some();
    if model.parts.unversioned || !(is_confirmed || filtered) {
        return Ok(());
    }
    // A read says nothing of what only the list decides, and where there is no read, the list is all there is.
    let unseen = match model.is_listed_only() || !is_confirmed {
        true => Unseen::Leave,
        false => Unseen::Confirm,
    };
    if unseen == Unseen::Leave && reads.lists_were_refused {
        writer.warn(
            "the key may not read all lists, so no row was taken for one that left the filter",
        );
        return Ok(());
    }
    if writer.other_mode {
        writer.warn("the lists showed objects of the other mode, so no row was taken for deleted");
        return Ok(());
    }
    let counts = store.slice_counts(model, &run.scope).await?;
    let rows = store.count_rows(model, lease, Counted::All).await?;
    let unlisted = store.count_unlisted(lease).await?;
    if rows == 0 {
        return Ok(());
    }
    if counts.seen == 0 && !reads.after_wipe && !(filtered && knows_any(run, lease).await?) {
        // An account that is empty all of a sudden looks like a key of another one, or a fault of Stripe's.
        let alive = store.count_rows(model, lease, Counted::Alive).await?;
        writer.report.unconfirmed = u64::try_from(alive).unwrap_or_default();
        if alive != 0 {
            writer.warn("the lists showed nothing, so no row was taken for deleted");
        }
        return Ok(());
    }
    let mut sweep = Sweep {
        writer,
        lease,
        reads,
        unseen,
        listed: counts.seen,
        kept: None,
    };
    let mut distinct = 0;
    for part in Part::all(counts.seen, COUNTED) {
        let Some(seen) = sweep.seen(part).await? else {
            sweep.writer.warn("what the lists showed was lost in a crash of the database, so no row was taken for deleted");
            return Ok(());
        };
        distinct += seen.len();
        sweep.kept = (part.of == 1).then(|| Arc::clone(&seen));
    }
    // What a list showed and a read found outside the filter is in no number, nor what a hook made no row of.
    let counts_tell = !filtered && model.parts.sync.is_none();
    if counts_tell && unlisted == 0 && sweep.nothing_is_left(distinct, rows).await? {
        return Ok(());
    }
    if let Some(strangers) = sweep.strangers().await? {
        sweep.writer.report.unconfirmed = strangers;
        sweep.writer.warn(format!(
            "the lists showed none of the {strangers} rows that were there, and Stripe knows none of {WITNESSES} that were \
             read: that looks like another account, or one whose data was deleted, so no row was taken for deleted; \
             `SyncAllOptions::after_wipe` says that the data was deleted"
        ));
        return Ok(());
    }
    for part in Part::all(counts.seen, COMPARED) {
        let Some(seen) = sweep.seen(part).await? else {
            return Ok(());
        };
        let hidden = match unseen {
            Unseen::Confirm => sweep.unlisted(part, &seen).await?,
            Unseen::Leave => Vec::new(),
        };
        sweep.rows(part, &seen, &hidden).await?;
    }
    Ok(())
}

/// The ids whose hash, divided by `of`, leaves `number`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    number: u64,
    of: u64,
}

impl Part {
    /// As many parts as it takes for each to have about `at_once` of the hashes.
    pub(crate) fn all(hashes: i64, at_once: i64) -> impl Iterator<Item = Self> {
        let of = hashes.div_euclid(at_once).cast_unsigned() + 1;
        (0..of).map(move |number| Self { number, of })
    }

    pub(crate) fn holds(self, hash: u64) -> bool {
        hash % self.of == self.number
    }
}

struct Sweep<'s, 'w> {
    writer: &'s mut ObjectWriter<'w>,
    lease: &'s RunLease,
    /// Those that are left.
    reads: Reads,
    unseen: Unseen,
    /// How many hashes the run kept of what the lists showed.
    listed: i64,
    /// All of them, sorted, if they are few enough to be read only once.
    kept: Option<Arc<Vec<u64>>>,
}

/// What becomes of a row that no list showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unseen {
    /// Its object is read.
    Confirm,
    /// It leaves the table: the lists are what the table is to be.
    Leave,
}

impl Sweep<'_, '_> {
    /// Whether the numbers alone say that every row was seen. What was seen is in the table, or failed, or was deleted
    /// since; if nothing failed and there are no more of the others than were seen, they are the same.
    async fn nothing_is_left(&mut self, seen: usize, rows: i64) -> Result<bool, SyncError> {
        let seen = i64::try_from(seen).unwrap_or(i64::MAX);
        let (run, lease) = (self.writer.run, self.lease);
        let (store, model) = (run.store(), run.model);
        // Asked for now, because another process of this run may have added some.
        let failed = store.failed_rows_page(model, &run.scope, None, 1);
        if !failed.await?.is_empty() {
            return Ok(false);
        }
        let tombstones = store.count_tombstones(lease).await?;
        // Rows that were marked before the run are counted out only if need be: it is a question to every row.
        Ok(seen == rows + tombstones
            || seen == tombstones + store.count_rows(model, lease, Counted::SinceRun).await?)
    }

    /// The hashes of a part of what the lists showed, sorted; `None` if they are not all there.
    async fn seen(&self, part: Part) -> Result<Option<Arc<Vec<u64>>>, SyncError> {
        if let Some(kept) = &self.kept {
            return Ok(Some(Arc::clone(kept)));
        }
        // A little more than its share, so that it does not grow to twice of it.
        let share = usize::try_from(self.listed).unwrap_or_default() / part.of.max(1) as usize;
        let mut hashes = Vec::with_capacity(share + share / 16);
        let (mut batch, mut count) = (0, 0);
        let store = self.writer.run.store();
        while let Some((last, found)) = store.listed_after(self.lease, batch).await? {
            batch = last;
            count += found.len();
            hashes.extend(found.into_iter().filter(|hash| part.holds(*hash)));
        }
        hashes.sort_unstable();
        hashes.dedup();
        Ok((i64::try_from(count) == Ok(self.listed)).then(|| Arc::new(hashes)))
    }

    /// The hashes of ids that are known to be in no list, sorted; those that a list showed after all are forgotten.
    async fn unlisted(&mut self, part: Part, seen: &[u64]) -> Result<Vec<u64>, SyncError> {
        let mut hidden = Vec::new();
        let mut after = String::new();
        let (store, lease) = (self.writer.run.store(), self.lease);
        loop {
            let ids = store.unlisted_after(lease, &after).await?;
            let Some(last) = ids.last() else {
                break;
            };
            after = last.clone();
            let ids = ids.into_iter().filter(|id| part.holds(lease.hash(id)));
            let (shown, still): (Vec<String>, Vec<String>) =
                ids.partition(|id| seen.binary_search(&lease.hash(id)).is_ok());
            self.writer.report.unlisted += still.len() as u64;
            hidden.extend(still.iter().map(|id| lease.hash(id)));
            self.remember(&shown, false).await?;
        }
        hidden.sort_unstable();
        Ok(hidden)
    }

    /// Goes through the table, and reads what was not seen.
    async fn rows(&mut self, part: Part, seen: &[u64], hidden: &[u64]) -> Result<(), SyncError> {
        let mut after = String::new();
        let (run, lease) = (self.writer.run, self.lease);
        let (store, model) = (run.store(), run.model);
        let silent = store.silent_tokens(lease).await?;
        loop {
            let (ids, last) = match self.unseen {
                Unseen::Confirm => store.alive_after(model, lease, silent, &after).await?,
                // A read since the run began says nothing of the list.
                Unseen::Leave => {
                    let ids = store.rows_after(model, lease, &after).await?;
                    let last = ids.last().cloned();
                    (ids, last)
                }
            };
            let Some(last) = last else {
                return Ok(());
            };
            after = last;
            let unseen: Vec<String> = ids
                .into_iter()
                .filter(|id| {
                    let hash = lease.hash(id);
                    part.holds(hash)
                        && seen.binary_search(&hash).is_err()
                        && hidden.binary_search(&hash).is_err()
                })
                .collect();
            for ids in unseen.chunks(BATCH) {
                match self.unseen {
                    Unseen::Confirm => self.confirm(ids).await?,
                    Unseen::Leave => self.writer.leave(ids.to_vec(), lease).await?,
                }
            }
        }
    }

    /// Reads objects that no list showed. One that is there is remembered as unlisted, if all lists were read.
    async fn confirm(&mut self, ids: &[String]) -> Result<(), SyncError> {
        if let Some(parent) = parent_to_ask(self.writer.run.model) {
            return self.confirm_by_parents(parent, ids).await;
        }
        let most = usize::try_from(self.reads.most).unwrap_or(usize::MAX);
        let (ids, rest) = ids.split_at(ids.len().min(most));
        self.writer.report.unconfirmed += rest.len() as u64;
        if ids.is_empty() {
            return Ok(());
        }
        self.reads.most -= ids.len() as u64;
        let outcomes = self.writer.reread(ids).await?;
        self.writer.report.unlisted += self.take_in(outcomes).await?;
        Ok(())
    }

    /// Remembers those that are there, if all lists were read. Returns how many are.
    async fn take_in(&self, outcomes: Outcomes) -> Result<u64, SyncError> {
        let there = outcomes
            .into_iter()
            .filter_map(|(id, outcome)| match outcome {
                IdOutcome::Deleted
                | IdOutcome::OutsideFilter
                | IdOutcome::Missing
                | IdOutcome::Failed(_) => None,
                _ => Some(id),
            });
        let there: Vec<String> = there.collect();
        if !self.reads.lists_were_refused {
            self.remember(&there, true).await?;
        }
        Ok(there.len() as u64)
    }

    async fn remember(&self, ids: &[String], unlisted: bool) -> Result<(), SyncError> {
        if !ids.is_empty() {
            let store = self.writer.run.store();
            store.set_unlisted(self.lease, ids, unlisted).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{COMPARED, COUNTED, Part};

    #[test]
    fn each_hash_is_in_one_part() {
        for (hashes, at_once) in [
            (0, COUNTED),
            (1_000_000, COUNTED),
            (1_000_000, COMPARED),
            (7, 1),
        ] {
            let parts: Vec<Part> = Part::all(hashes, at_once).collect();
            for hash in [0, 1, u64::MAX, 0x9e37_79b9_7f4a_7c15] {
                let holding = parts.iter().filter(|part| part.holds(hash)).count();
                assert_eq!(holding, 1, "{hash} of {hashes} in parts of {at_once}");
            }
        }
    }
}
