//! What happens to rows inside a transaction: ask what the table holds, decide, and write what differs.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::cell::Cell;
use crate::freshness::{Decision, ReadBy};
use crate::model::content;
use crate::model::hooks::{ChangedCells, Outcome};
use crate::store::db::{Conn, TxError};
use crate::store::rows::remarks::outside;
use crate::store::rows::stored::Stored;
use crate::store::rows::{Changes, Job, KeyedRow, WantedColumns, Written, remarks, stored, upsert};
use crate::store::tables::LockedTable;
use crate::store::tables::clock::InTheWay;

/// What is to happen to one row.
pub(crate) struct RowPlan<'r> {
    pub(crate) row: &'r KeyedRow,
    /// What the table holds of the object, as far as was asked.
    pub(crate) stored: Option<Stored>,
    /// The row's cells; those that Stripe sent nothing for as the table holds them.
    pub(crate) cells: Cow<'r, [Cell<'static>]>,
    pub(crate) hash: i64,
    decision: Decision,
}

/// What became of rows.
#[derive(Debug, Default)]
pub(crate) struct Reconciled {
    /// In the order of the rows.
    pub(crate) written: Vec<Written>,
    pub(crate) changes: Changes,
    /// The places of rows that were written, and whose objects are to be read again all the same.
    pub(crate) again: Vec<usize>,
    /// The places of rows that are as they were found, where the read may be older than the one that wrote or confirmed them.
    pub(crate) older: Vec<usize>,
}

/// What the table holds of rows, by their ids, if that is known already.
pub(crate) type Found = HashMap<String, Stored>;

impl<'r> RowPlan<'r> {
    pub(crate) fn new(
        job: &Job<'_>,
        held: &LockedTable,
        row: &'r KeyedRow,
        stored: Option<Stored>,
    ) -> Self {
        let target = &job.target;
        let fingerprint = target.model.parts.fingerprint;
        let columns = stored.as_ref().and_then(|stored| stored.written(target));
        let (cells, hash) = match &columns {
            Some(columns) if row.is_incomplete() => {
                let mut cells = row.row.cells.clone();
                for &position in &row.row.absent {
                    if let (Some(cell), Some(kept)) =
                        (cells.get_mut(position), columns.get(position))
                    {
                        cell.clone_from(kept);
                    }
                }
                let hash = row.hash_with(&cells, fingerprint);
                (Cow::Owned(cells), hash)
            }
            _ => (Cow::Borrowed(row.row.cells.as_slice()), row.hash),
        };
        let holds_the_same = |stored: &Stored| {
            stored.hash == Some(hash)
                && !stored.deleted
                && match (&columns, job.batch.rewrite_unchanged) {
                    // What its elements are in their table, nobody looks at.
                    (_, true) if row.elements.is_some() => false,
                    (Some(columns), true) => content::hash(columns, fingerprint) == hash,
                    _ => true,
                }
        };
        let observed_at = stored.as_ref().map(|stored| stored.observed_at);
        let same = stored.as_ref().is_some_and(holds_the_same);
        Self {
            decision: held.decide(target, (observed_at, same), job.batch.start, job.batch.by),
            row,
            stored,
            cells,
            hash,
        }
    }

    /// A row without an id, whose parent's rows were removed.
    pub(crate) fn of_element(row: &'r KeyedRow) -> Self {
        Self {
            row,
            stored: None,
            cells: Cow::Borrowed(row.row.cells.as_slice()),
            hash: row.hash,
            decision: Decision::Write,
        }
    }

    /// Whether the read may be older than the one that wrote or confirmed the row, and found the same.
    fn may_be_older(&self, job: &Job<'_>, held: &LockedTable) -> bool {
        let Some(stored) = &self.stored else {
            return false;
        };
        let known = (Some(stored.observed_at), false);
        let (start, by) = (job.batch.start, job.batch.by);
        matches!(self.decision, Decision::Raise | Decision::Leave)
            && held.decide(&job.target, known, start, by) != Decision::Write
    }
}

/// Writes rows that are sorted by id and have different ids; the answer is in their order.
pub(crate) async fn reconcile(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    held: &mut LockedTable,
    rows: &[&KeyedRow],
    found: Option<Found>,
    bisecting: bool,
) -> Result<Reconciled, TxError> {
    if job.facts.zoned {
        conn.utc().await?;
    }
    if job.inserts_optimistically(held) && !bisecting {
        return insert_optimistically(conn, job, held, rows).await;
    }
    let needs_columns = job.batch.rewrite_unchanged || rows.iter().any(|row| row.is_incomplete());
    let candidates = match found {
        Some(mut found) if !needs_columns => {
            let found = rows.iter().map(|row| found.remove(&row.id));
            found.enumerate().collect()
        }
        _ => match compare(conn, job, held, rows).await? {
            Some(differing) => differing,
            None => read_current(conn, job, rows).await?,
        },
    };
    let (outside, candidates): (Candidates, Candidates) = candidates
        .into_iter()
        .partition(|(_, stored)| job.batch.existing_only && !is_there(stored.as_ref()));
    let (places, mut plans): (Vec<usize>, Vec<RowPlan<'_>>) = candidates
        .into_iter()
        .map(|(place, stored)| (place, RowPlan::new(job, held, rows[place], stored)))
        .unzip();
    lock_and_recheck(conn, job, held, &mut plans).await?;
    let tombstones = check_tombstones(conn, job, held, &mut plans).await?;
    let mut in_the_way = InTheWay::default();
    for plan in &plans {
        let stored = plan.stored.as_ref().map(|stored| stored.observed_at);
        if let Some(token) = stored.or_else(|| tombstones.get(&plan.row.id).copied()) {
            in_the_way.see(plan.decision, token, held, job.batch.start);
        }
    }
    in_the_way.check(conn, &job.target).await?;
    let outcomes = apply(conn, job, held, &plans, bisecting).await?;

    let resurrected: Vec<&str> = plans
        .iter()
        .zip(&outcomes)
        .filter(|(_, outcome)| **outcome == Written::Done(Outcome::Inserted))
        .map(|(plan, _)| plan.row.id.as_str())
        .filter(|id| tombstones.contains_key(*id))
        .collect();
    remarks::clear_tombstones(conn, &job.target, &resurrected).await?;
    let of_plans = |is: &dyn Fn(&RowPlan<'_>) -> bool| {
        let plans = places.iter().zip(&plans).zip(&outcomes);
        let found = plans.filter(|((_, plan), outcome)| outcome.is_done() && is(plan));
        found.map(|((place, _), _)| *place).collect::<Vec<_>>()
    };
    let again = of_plans(&|plan| plan.decision == Decision::WriteAndReadAgain);
    let older = of_plans(&|plan| plan.may_be_older(job, held));
    let changes = changes(conn, job, plans, &outcomes).await?;
    let mut written = vec![Written::Done(Outcome::Unchanged); rows.len()];
    for (place, outcome) in places.into_iter().zip(outcomes) {
        written[place] = outcome;
    }
    for (place, _) in outside {
        written[place] = Written::Outside;
    }
    Ok(Reconciled {
        written,
        changes,
        again,
        older,
    })
}

/// Whether the table has the object: a row that is marked is not there.
pub(crate) fn is_there(stored: Option<&Stored>) -> bool {
    stored.is_some_and(|stored| !stored.deleted)
}

/// Inserts rows without asking for them first: those of the page before were all new.
async fn insert_optimistically(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    held: &mut LockedTable,
    rows: &[&KeyedRow],
) -> Result<Reconciled, TxError> {
    let finish = held.finish(conn).await?;
    let plans = rows.iter().map(|row| RowPlan::new(job, held, row, None));
    let plans: Vec<RowPlan<'_>> = plans.collect();
    let plans: Vec<&RowPlan<'_>> = plans.iter().collect();
    if !upsert::insert(conn, job, &plans, finish).await? {
        return Err(TxError::conflict());
    }
    Ok(Reconciled {
        written: vec![Written::Done(Outcome::Inserted); rows.len()],
        ..Reconciled::default()
    })
}

/// Places of rows in their batch, and what the table holds of each.
type Candidates = Vec<(usize, Option<Stored>)>;

/// The rows that are not in the table with the same content. Only for list pages, which leave the others alone. `None`:
/// each row has to be asked for.
async fn compare(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    held: &LockedTable,
    rows: &[&KeyedRow],
) -> Result<Option<Candidates>, TxError> {
    if job.batch.by == ReadBy::Id
        || job.batch.rewrite_unchanged
        || rows.iter().any(|row| row.is_incomplete())
    {
        return Ok(None);
    }
    let objects: Vec<(&str, i64)> = rows.iter().map(|row| (&*row.id, row.hash)).collect();
    let mut differing = stored::compare(conn, &job.target, &objects, held.limit()).await?;
    if let Some(differing) = &mut differing {
        differing.sort_unstable_by_key(|(place, _)| *place);
    }
    Ok(differing)
}

/// What the table holds of each row, with the columns of those that need them. Objects that were read one at a time are
/// locked: they are few, and an unchanged one is written too.
async fn read_current(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    rows: &[&KeyedRow],
) -> Result<Candidates, TxError> {
    let target = &job.target;
    let lock = job.batch.by == ReadBy::Id;
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let wanted = match job.batch.rewrite_unchanged {
        true => WantedColumns::all(target.model),
        false => WantedColumns::none(),
    };
    let mut found = stored::read(conn, target, &ids, lock, &wanted).await?;
    let incomplete = |row: &&KeyedRow| row.is_incomplete() && found.contains_key(&row.id);
    let incomplete: Vec<&KeyedRow> = rows.iter().copied().filter(incomplete).collect();
    if !job.batch.rewrite_unchanged && !incomplete.is_empty() {
        let ids: Vec<&str> = incomplete.iter().map(|row| row.id.as_str()).collect();
        let wanted = WantedColumns::absent(target.model, incomplete);
        found.extend(stored::read(conn, target, &ids, lock, &wanted).await?);
    }
    let found = rows.iter().map(|row| found.remove(&row.id));
    Ok(found.enumerate().collect())
}

/// Locks what will be overwritten, where the upsert alone would not be exact: its columns are kept for `after_commit` or
/// complete the row, or the database does not say what the upsert did.
async fn lock_and_recheck(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    held: &LockedTable,
    plans: &mut [RowPlan<'_>],
) -> Result<(), TxError> {
    let target = &job.target;
    let dialect = target.kind.dialect();
    let locked = job.batch.by == ReadBy::Id || dialect.locks_by_asking;
    let again = |plan: &&mut RowPlan<'_>| {
        let needs_lock = !dialect.returning || plan.row.is_incomplete();
        plan.decision == Decision::Write
            && plan.stored.is_some()
            && (target.keeps_changes() || (!locked && needs_lock))
    };
    let again: Vec<&mut RowPlan<'_>> = plans.iter_mut().filter(again).collect();
    let ids: Vec<&str> = again.iter().map(|plan| plan.row.id.as_str()).collect();
    let wanted = match target.keeps_changes() || job.batch.rewrite_unchanged {
        true => WantedColumns::all(target.model),
        false => WantedColumns::absent(target.model, again.iter().map(|plan| plan.row)),
    };
    let mut found = stored::read(conn, target, &ids, true, &wanted).await?;
    for plan in again {
        *plan = RowPlan::new(job, held, plan.row, found.remove(&plan.row.id));
    }
    Ok(())
}

/// Objects without a row may be known as deleted, and those are compared with their tombstone; or they may have left the
/// filter since they were read. Returns the tombstones.
async fn check_tombstones(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    held: &LockedTable,
    plans: &mut [RowPlan<'_>],
) -> Result<HashMap<String, i64>, TxError> {
    if job.may_have_left(held) {
        let left = outside::since(conn, &job.target, job.batch.start).await?;
        let new = plans.iter_mut().filter(|plan| plan.stored.is_none());
        for plan in new.filter(|plan| left.holds(&plan.row.id)) {
            plan.decision = Decision::ReadAgain;
        }
    }
    if !held.tombstones || !job.target.versioned() {
        return Ok(HashMap::new());
    }
    // `compared_at` is about rows that pages left unchanged, which no tombstone is.
    let held = LockedTable {
        compared_at: 0,
        ..*held
    };
    let new = plans.iter().filter(|plan| plan.stored.is_none());
    let new: Vec<&str> = new.map(|plan| plan.row.id.as_str()).collect();
    let tombstones = remarks::tombstones(conn, &job.target, &new).await?;
    for plan in plans {
        if let Some(&observed_at) = tombstones.get(&plan.row.id) {
            let known = (Some(observed_at), false);
            if plan.decision != Decision::ReadAgain {
                plan.decision = held.decide(&job.target, known, job.batch.start, job.batch.by);
            }
        }
    }
    Ok(tombstones)
}

/// Writes and raises what was decided to be; the answer is in the order of the plans.
async fn apply(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    held: &mut LockedTable,
    plans: &[RowPlan<'_>],
    bisecting: bool,
) -> Result<Vec<Written>, TxError> {
    let target = &job.target;
    let (mut differing, mut raised) = (Vec::new(), Vec::new());
    for plan in plans {
        match plan.decision {
            Decision::Write | Decision::WriteAndReadAgain => differing.push(plan),
            Decision::Raise | Decision::RaiseAndReadAgain => raised.push(plan.row.id.as_str()),
            Decision::Leave | Decision::ReadAgain => {}
        }
    }
    if target.versioned() && !(differing.is_empty() && raised.is_empty()) {
        held.finish(conn).await?;
    }
    let finish = held.finish.unwrap_or_default();
    let written = upsert::write_isolating(conn, job, &differing, finish, bisecting).await?;
    target.bump(conn, &raised, finish).await?;

    let mut written = written.into_iter();
    let outcome = |plan: &RowPlan<'_>| match plan.decision {
        Decision::Write | Decision::WriteAndReadAgain => {
            let outcome = written.next().unwrap_or(Written::ReadAgain);
            // Somebody inserted the row just now. What Stripe did not send, and how the row was, are in it.
            let needed = plan.row.is_incomplete() || target.keeps_changes();
            let overtaken = outcome == Written::Done(Outcome::Updated) && plan.stored.is_none();
            match overtaken && needed {
                true => Err(TxError::conflict()),
                false => Ok(outcome),
            }
        }
        Decision::Raise | Decision::Leave => Ok(Written::Done(Outcome::Unchanged)),
        Decision::ReadAgain | Decision::RaiseAndReadAgain => Ok(Written::ReadAgain),
    };
    plans.iter().map(outcome).collect()
}

/// What changed, for a model with an `after_commit` hook.
async fn changes(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    plans: Vec<RowPlan<'_>>,
    outcomes: &[Written],
) -> Result<Changes, TxError> {
    if !job.target.keeps_changes() {
        return Ok(Changes::new());
    }
    let mut plans: Vec<(RowPlan<'_>, &Written)> = plans.into_iter().zip(outcomes).collect();
    plans.retain(|(_, outcome)| {
        let changed = [Outcome::Inserted, Outcome::Updated].map(Written::Done);
        changed.contains(outcome)
    });
    let ids: Vec<&str> = plans.iter().map(|(plan, _)| plan.row.id.as_str()).collect();
    let all = WantedColumns::all(job.target.model);
    let mut now = stored::read(conn, &job.target, &ids, false, &all).await?;
    let change = |(plan, outcome): (RowPlan<'_>, &Written)| {
        let after = now.remove(&plan.row.id)?.cells?;
        let change = match outcome {
            Written::Done(Outcome::Inserted) => ChangedCells::Inserted(after),
            _ => ChangedCells::Updated(plan.stored?.cells?, after),
        };
        Some((plan.row.id.clone(), change))
    };
    Ok(plans.into_iter().filter_map(change).collect())
}
