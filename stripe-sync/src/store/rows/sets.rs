//! Sets: the elements of lists inside objects as rows of their own, written and removed in the transaction of their parents.
//!
//! The complete list of a parent is one reading of each element: those that are there are written by the freshness rule, and
//! a row of the parent's that is not there was read as deleted. Where such a row, or the parent's, is newer than the reading,
//! the parent is to be read again.

pub(crate) mod alone;
pub(crate) mod elements;
pub(crate) mod members;
pub(crate) mod removal;
pub(crate) mod stored;
pub(crate) mod table;

use crate::freshness::ReadBy;
use crate::model::Model;
use crate::model::hooks::Outcome;
use crate::store::db::{Conn, TxError};
use crate::store::rows::reconcile::Reconciled;
use crate::store::rows::rider::RelatedChange;
use crate::store::rows::{ChangeKind, Changes, Failure, Job, KeyedRow, Written, refusal};
use crate::store::tables::LockedTable;

pub(crate) use table::ChildTable;

/// The elements of one list of one object.
#[derive(Debug)]
pub(crate) struct Set {
    /// Which of the model's lists it is, by its place in the struct.
    pub(crate) list: usize,
    /// The elements that are rows.
    pub(crate) rows: Vec<KeyedRow>,
    /// The ids of elements that stand in the list, and whose rows stay as they are.
    pub(crate) kept: Vec<String>,
    /// Whether an element has no id to be known by, so that no row is missing from the list for certain.
    pub(crate) is_partial: bool,
    /// The elements that do not map. Their ids are among those that are kept.
    pub(crate) failures: Vec<Failure>,
}

/// What became of the rows of one child model.
#[derive(Debug)]
pub(crate) struct ChildWrites {
    pub(crate) model: &'static Model,
    /// The table's name in messages and in the bookkeeping.
    pub(crate) table: String,
    pub(crate) inserted: u64,
    pub(crate) updated: u64,
    pub(crate) unchanged: u64,
    pub(crate) deleted: u64,
    pub(crate) failures: Vec<Failure>,
    /// For a child with an `after_commit` hook.
    pub(crate) changes: Changes,
}

impl ChildWrites {
    pub(crate) fn new(table: &ChildTable<'_>) -> Self {
        Self {
            model: table.target.model,
            table: table.target.table().to_owned(),
            inserted: 0,
            updated: 0,
            unchanged: 0,
            deleted: 0,
            failures: Vec::new(),
            changes: Changes::new(),
        }
    }

    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Inserted => self.inserted += 1,
            Outcome::Updated => self.updated += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Skipped => {}
        }
    }
}

/// What the transaction did with the rows of children.
#[derive(Debug, Default)]
pub(crate) struct SetWrites {
    pub(crate) children: Vec<ChildWrites>,
    /// Each row that changed, if there is somebody to tell.
    pub(crate) related: Vec<RelatedChange>,
}

impl SetWrites {
    /// Notes what happened to a row.
    fn tell(&mut self, table: &ChildTable<'_>, id: &str, kind: ChangeKind) {
        self.related.push(RelatedChange {
            table: table.target.place.name.clone(),
            object: table.target.model.object(),
            id: id.to_owned(),
            kind,
        });
    }
}

/// Takes the elements out of sets that no database could take, or whose values a table would change.
pub(crate) fn refuse(tables: &[ChildTable<'_>], sets: &mut [Set]) {
    for set in sets {
        let Some(table) = tables.get(set.list) else {
            continue;
        };
        let is_of_elements = table.target.model.is_of_elements();
        let mut refused = match is_of_elements {
            true => Vec::new(),
            false => refusal::refuse(&table.target, &mut set.rows),
        };
        refused.extend(refusal::refuse_misfits(&table.facts, &mut set.rows));
        for (id, written) in refused {
            if let Written::Failed { column, reason, .. } = written {
                set.kept.push(id.clone());
                set.failures.push(Failure { id, column, reason });
            }
        }
        for row in &mut set.rows {
            refuse(&table.tables, &mut row.sets);
        }
    }
}

/// Writes the sets of the rows that are in the table now. The places of parents that are to be read again are added to `done`.
pub(crate) async fn write(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    held: &mut LockedTable,
    rows: &[&KeyedRow],
    done: &mut Reconciled,
    writes: &mut SetWrites,
) -> Result<(), TxError> {
    if job.tables.is_empty() {
        return Ok(());
    }
    for (list, table) in job.tables.iter().enumerate() {
        // What a hook skips has no row, and neither have its elements.
        let is_there = |place: &usize| match done.written.get(*place) {
            Some(Written::Done(outcome)) => *outcome != Outcome::Skipped,
            _ => false,
        };
        let sets = rows.iter().enumerate().filter_map(|(place, row)| {
            let set = row.sets.iter().find(|set| set.list == list)?;
            is_there(&place).then_some(PlacedSet {
                place,
                parent: &row.id,
                set,
            })
        });
        let sets: Vec<PlacedSet<'_>> = sets.collect();
        if sets.is_empty() {
            continue;
        }
        let sets = &sets;
        match table.target.model.is_of_elements() {
            true => elements::replace(conn, job, table, held, sets, done, writes).await?,
            false => members::write(conn, job, table, held, sets, done, writes).await?,
        }
    }
    Ok(())
}

/// A set, with its parent's id and place among the rows.
struct PlacedSet<'s> {
    place: usize,
    parent: &'s str,
    set: &'s Set,
}

/// The run whose pages leave unchanged rows alone, if the parents were read on a list page.
fn pages_run(job: &Job<'_>) -> Option<i64> {
    job.pages_run.filter(|_| job.batch.by == ReadBy::List)
}
