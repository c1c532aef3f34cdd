//! What happens to rows inside a transaction: ask what the table holds, decide, and write what differs.

use std::borrow::Cow;
use std::collections::HashMap;

use super::batch::{Job, Written};
use super::binding::Held;
use super::db::bind::Bind;
use super::db::connection::Conn;
use super::db::retry::TxError;
use super::items::Item;
use super::remarks;
use super::stored::{self, Stored, Wanted};
use super::upsert::{self, NewRow, Wrote};
use crate::cell::Cell;
use crate::content;
use crate::freshness::{Decision, Known, ReadBy, decide};
use crate::hooks::{ChangedCells, Outcome};

/// What became of one row.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) written: Written,
    /// Of a model with an `after_commit` hook.
    pub(super) change: Option<ChangedCells>,
}

impl Done {
    /// Whether the table holds the row now.
    #[cfg(feature = "live")]
    pub(super) fn is_done(&self) -> bool {
        matches!(self.written, Written::Done(_))
    }

    /// Without a change to tell of.
    fn of(outcome: Outcome) -> Self {
        Self {
            written: Written::Done(outcome),
            change: None,
        }
    }
}

/// What is to happen to one row.
struct Plan<'i> {
    item: &'i Item,
    cells: Cow<'i, [Cell<'static>]>,
    hash: i64,
    decision: Decision,
}

/// Writes rows that are sorted by id and have different ids; the answer is in their order.
pub(super) async fn rows(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    held: &mut Held,
    items: &[Item],
    careful: bool,
) -> Result<Vec<Done>, TxError> {
    if job.hopes_for_new(held) && !careful {
        return new_rows(conn, job, held, items).await;
    }
    let Some((differing, stored)) = compare(conn, job, held, items).await? else {
        let items: Vec<&Item> = items.iter().collect();
        let stored = look(conn, job, &items).await?;
        return differing_rows(conn, job, held, &items, stored, careful).await;
    };
    let mut done: Vec<Done> = items.iter().map(|_| Done::of(Outcome::Unchanged)).collect();
    if !differing.is_empty() {
        let some: Vec<&Item> = differing.iter().map(|&place| &items[place]).collect();
        let written = differing_rows(conn, job, held, &some, stored, careful).await?;
        for (place, one) in differing.into_iter().zip(written) {
            done[place] = one;
        }
    }
    Ok(done)
}

/// Inserts rows without asking for them first: those of the page before were all new.
async fn new_rows(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    held: &mut Held,
    items: &[Item],
) -> Result<Vec<Done>, TxError> {
    let finish = held.finish(conn).await?;
    let rows: Vec<NewRow<'_>> = items
        .iter()
        .map(|item| NewRow {
            id: &item.id,
            cells: &item.row.cells,
            hash: item.hash,
            exists: false,
        })
        .collect();
    if !upsert::insert(conn, job, &rows, finish).await? {
        return Err(TxError::conflict());
    }
    Ok(items.iter().map(|_| Done::of(Outcome::Inserted)).collect())
}

/// The places of the rows that are not in the table with the same content, in order, and what the table holds of them.
/// Only for list pages, which leave the others alone. `None`: each row has to be asked for.
async fn compare(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    held: &Held,
    items: &[Item],
) -> Result<Option<(Vec<usize>, HashMap<String, Stored>)>, TxError> {
    let incomplete = |item: &Item| !item.row.absent.is_empty();
    if job.by != ReadBy::List || job.fresh || items.iter().any(incomplete) {
        return Ok(None);
    }
    let objects: Vec<(&str, i64)> = items.iter().map(|item| (&*item.id, item.hash)).collect();
    let found = stored::compare(conn, &job.target, &objects, held.run).await?;
    Ok(found.map(|mut found| {
        found.sort_unstable_by_key(|one| one.place);
        let places = found.iter().map(|one| one.place).collect();
        let rows = found
            .into_iter()
            .filter_map(|one| Some((items[one.place].id.clone(), one.row?)));
        (places, rows.collect())
    }))
}

/// Writes the rows that may differ from what the table holds.
async fn differing_rows(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    held: &mut Held,
    items: &[&Item],
    mut stored: HashMap<String, Stored>,
    careful: bool,
) -> Result<Vec<Done>, TxError> {
    let target = &job.target;
    let mut plans: Vec<Plan<'_>> = items
        .iter()
        .map(|item| plan(job, held, item, stored.get(&item.id)))
        .collect();
    look_again(conn, job, held, &mut plans, &mut stored).await?;

    let buried = bury(conn, job, held, &mut plans, &stored).await?;
    let new: Vec<NewRow<'_>> = of(&plans, Decision::Write)
        .map(|plan| NewRow {
            id: &plan.item.id,
            cells: &plan.cells,
            hash: plan.hash,
            exists: stored.contains_key(&plan.item.id),
        })
        .collect();
    let raised: Vec<&str> = of(&plans, Decision::Raise)
        .chain(of(&plans, Decision::RaiseAndReadAgain))
        .map(|plan| plan.item.id.as_str())
        .collect();
    let mut wrote = HashMap::with_capacity(new.len());
    if target.guarded() && !(new.is_empty() && raised.is_empty()) {
        held.finish(conn).await?;
    }
    let finish = held.finish.unwrap_or_default();
    if !new.is_empty() {
        let outcomes = upsert::rows(conn, job, &new, finish, careful).await?;
        wrote.extend(new.iter().map(|row| row.id).zip(outcomes));
    }
    if !raised.is_empty() {
        let token = [Bind::integer(finish)];
        let raise = target.statements.raise.pieces();
        target.execute(conn, raise, &token, &raised, &token).await?;
    }
    let risen: Vec<&str> = buried
        .iter()
        .map(String::as_str)
        .filter(|id| matches!(wrote.get(id), Some(Wrote::Inserted)))
        .collect();
    remarks::clear_tombstones(conn, target, &risen).await?;

    let mut after = after(conn, job, &wrote).await?;
    let mut done = Vec::with_capacity(plans.len());
    for plan in &plans {
        let id = plan.item.id.as_str();
        let before = stored.get(id);
        let outcome = match (plan.decision, wrote.remove(id)) {
            (_, Some(Wrote::Inserted)) => Written::Done(Outcome::Inserted),
            (_, Some(Wrote::Updated)) => {
                // Somebody inserted the row just now. What Stripe did not send, and how the row was, are in it.
                let needed = !plan.item.row.absent.is_empty() || changes_matter(job);
                if before.is_none() && needed {
                    return Err(TxError::conflict());
                }
                Written::Done(Outcome::Updated)
            }
            (_, Some(Wrote::Refused { column, reason })) => Written::Failed { column, reason },
            (_, Some(Wrote::Passed))
            | (Decision::ReadAgain | Decision::RaiseAndReadAgain | Decision::Write, None) => {
                Written::ReadAgain
            }
            (Decision::Raise | Decision::Leave, None) => Written::Done(Outcome::Unchanged),
        };
        let change = match (&outcome, after.remove(id).and_then(|row| row.cells)) {
            (Written::Done(Outcome::Inserted), Some(after)) => Some(ChangedCells::Inserted(after)),
            (Written::Done(Outcome::Updated), Some(after)) => before
                .and_then(|row| row.cells.clone())
                .map(|before| ChangedCells::Updated(before, after)),
            _ => None,
        };
        done.push(Done {
            written: outcome,
            change,
        });
    }
    Ok(done)
}

fn of<'p, 'i>(
    plans: &'p [Plan<'i>],
    decision: Decision,
) -> impl Iterator<Item = &'p Plan<'i>> + use<'p, 'i> {
    plans.iter().filter(move |plan| plan.decision == decision)
}

fn changes_matter(job: &Job<'_>) -> bool {
    job.target.model.parts.after_commit.is_some()
}

/// What the table holds of the objects, with the columns of those that need them. Objects that were read one at a time
/// are locked: they are few, and an unchanged one is written too.
async fn look(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    items: &[&Item],
) -> Result<HashMap<String, Stored>, TxError> {
    let target = &job.target;
    let lock = job.by == ReadBy::Id;
    let ids: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
    if job.fresh {
        return Ok(stored::read(conn, target, &ids, lock, &Wanted::All).await?);
    }
    let mut found = stored::ask(conn, target, &ids, lock).await?;
    let incomplete = |item: &&Item| !item.row.absent.is_empty() && found.contains_key(&item.id);
    let incomplete: Vec<&Item> = items.iter().copied().filter(incomplete).collect();
    if !incomplete.is_empty() {
        let ids: Vec<&str> = incomplete.iter().map(|item| item.id.as_str()).collect();
        let wanted = absent(incomplete.into_iter());
        found.extend(stored::read(conn, target, &ids, lock, &wanted).await?);
    }
    Ok(found)
}

/// Locks what will be overwritten, where the upsert alone would not be exact: its columns are kept for `after_commit` or
/// complete the row, or the database does not say what the upsert did.
async fn look_again<'i>(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    held: &Held,
    plans: &mut [Plan<'i>],
    stored: &mut HashMap<String, Stored>,
) -> Result<(), TxError> {
    let target = &job.target;
    let cells = changes_matter(job);
    let locked = job.by == ReadBy::Id || target.kind.locks_by_asking();
    let again: Vec<usize> = (0..plans.len())
        .filter(|&index| {
            let plan = &plans[index];
            let needs_lock = target.kind.is_mysql() || !plan.item.row.absent.is_empty();
            plan.decision == Decision::Write
                && stored.contains_key(&plan.item.id)
                && (cells || (!locked && needs_lock))
        })
        .collect();
    if again.is_empty() {
        return Ok(());
    }
    let ids: Vec<&str> = again
        .iter()
        .map(|&index| plans[index].item.id.as_str())
        .collect();
    let wanted = if cells || job.fresh {
        Wanted::All
    } else {
        absent(again.iter().map(|&index| plans[index].item))
    };
    let mut found = match &wanted {
        Wanted::Written(places) if places.is_empty() => {
            stored::ask(conn, target, &ids, true).await?
        }
        wanted => stored::read(conn, target, &ids, true, wanted).await?,
    };
    for index in again {
        let item = plans[index].item;
        match found.remove(&item.id) {
            Some(row) => stored.insert(item.id.clone(), row),
            None => stored.remove(&item.id),
        };
        plans[index] = plan(job, held, item, stored.get(&item.id));
    }
    Ok(())
}

/// The columns that Stripe sent nothing for, in any of the objects.
fn absent<'i>(items: impl Iterator<Item = &'i Item>) -> Wanted {
    Wanted::Written(
        items
            .flat_map(|item| item.row.absent.iter().copied())
            .collect(),
    )
}

fn plan<'i>(job: &Job<'_>, held: &Held, item: &'i Item, stored: Option<&Stored>) -> Plan<'i> {
    let target = &job.target;
    let fingerprint = target.model.parts.fingerprint;
    let columns = stored.and_then(|row| row.written(target));
    let (cells, hash) = match &columns {
        Some(columns) if !item.row.absent.is_empty() => {
            let mut cells = item.row.cells.clone();
            for &position in &item.row.absent {
                if let (Some(cell), Some(kept)) = (cells.get_mut(position), columns.get(position)) {
                    cell.clone_from(kept);
                }
            }
            let hash = content::hash(&cells, fingerprint);
            (Cow::Owned(cells), hash)
        }
        _ => (Cow::Borrowed(item.row.cells.as_slice()), item.hash),
    };
    let holds_the_same = |row: &Stored| {
        row.hash == Some(hash)
            && !row.deleted
            && match (&columns, job.fresh) {
                (Some(columns), true) => content::hash(columns, fingerprint) == hash,
                _ => true,
            }
    };
    let decision = if target.guarded() {
        let known = Known {
            observed_at: stored.map(|row| row.observed_at),
            compared_at: held.compared_at,
            walk: held.run,
            same: stored.is_some_and(holds_the_same),
        };
        decide(known, job.span.start, job.by)
    } else {
        Decision::Write
    };
    Plan {
        item,
        cells,
        hash,
        decision,
    }
}

/// Objects without a row may be known as deleted: those are compared with their tombstone. Answers their ids.
async fn bury(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    held: &Held,
    plans: &mut [Plan<'_>],
    stored: &HashMap<String, Stored>,
) -> Result<Vec<String>, TxError> {
    if !held.tombstones || !job.target.guarded() {
        return Ok(Vec::new());
    }
    let new: Vec<&str> = plans
        .iter()
        .map(|plan| plan.item.id.as_str())
        .filter(|id| !stored.contains_key(*id))
        .collect();
    let buried = remarks::tombstones(conn, &job.target, &new).await?;
    for plan in plans {
        if let Some(&observed_at) = buried.get(&plan.item.id) {
            let known = Known {
                observed_at: Some(observed_at),
                // No page leaves a tombstone alone.
                compared_at: 0,
                walk: held.run,
                same: false,
            };
            plan.decision = decide(known, job.span.start, job.by);
        }
    }
    Ok(buried.into_keys().collect())
}

/// The rows as they are now, for a model with an `after_commit` hook.
async fn after(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    wrote: &HashMap<&str, Wrote>,
) -> Result<HashMap<String, Stored>, TxError> {
    let ids: Vec<&str> = wrote
        .iter()
        .filter(|(_, wrote)| matches!(wrote, Wrote::Inserted | Wrote::Updated))
        .map(|(id, _)| *id)
        .collect();
    if ids.is_empty() || !changes_matter(job) {
        return Ok(HashMap::new());
    }
    Ok(stored::read(conn, &job.target, &ids, false, &Wanted::All).await?)
}
