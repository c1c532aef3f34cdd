//! Elements with ids: each is a row that the freshness rule decides about, and what is missing was read as deleted.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::freshness::Decision;
use crate::store::db::{Conn, TxError};
use crate::store::rows::delete::Gone;
use crate::store::rows::reconcile::{self, Found, Reconciled};
use crate::store::rows::sets::removal::Removed;
use crate::store::rows::sets::{
    ChildTable, ChildWrites, PlacedSet, SetWrites, pages_run, removal, stored,
};
use crate::store::rows::stored::Stored;
use crate::store::rows::{
    ChangeKind, Failure, Job, KeyedRow, WantedColumns, Written, hooked, remarks, stored as rows,
};
use crate::store::tables::clock::InTheWay;
use crate::store::tables::lock::hold_to_write;
use crate::store::tables::{Hold, LockedTable};

/// Writes the elements of sets, and takes out the rows of their parents that are not among them.
pub(super) async fn write(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    table: &ChildTable<'_>,
    held: &mut LockedTable,
    sets: &[PlacedSet<'_>],
    done: &mut Reconciled,
    writes: &mut SetWrites,
) -> Result<(), TxError> {
    let target = &table.target;
    let finish = held.finish(conn).await?;
    let how = Hold::Set {
        finish,
        run: pages_run(job),
    };
    let own = hold_to_write(conn, target, how, None).await?;
    let mut own = LockedTable {
        finish: Some(finish),
        // Of a set's element the parent's token says whether the set is the newest.
        sets_at: 0,
        ..own
    };
    let mut comparison = Comparison::of(conn, table, sets).await?;
    done.again.extend(comparison.leave_older(sets, &done.older));
    let (rows, places) = comparison.rows(sets);
    let child = job.of_child(table);
    let mut found = std::mem::take(&mut comparison.found);
    let expects_new = found.is_empty() && child.inserts_optimistically(&own) && !job.bisecting;
    if !expects_new {
        let others = rows.iter().filter(|row| !found.contains_key(&row.id));
        let others: Vec<&str> = others.map(|row| &*row.id).collect();
        let none = WantedColumns::none();
        found.extend(rows::read(conn, target, &others, false, &none).await?);
    }
    let mut own_writes = ChildWrites::new(table);
    let absent = decide(&child, &own, comparison.absent, done);
    absent.in_the_way.check(conn, target).await?;
    let removed = Removed {
        ids: &absent.gone,
        gone: Gone::Deleted,
        finish,
        bisecting: job.bisecting,
    };
    removal::remove(conn, table, &own, removed, &mut own_writes, writes).await?;
    if target.versioned() {
        target.bump(conn, &id_texts(&absent.raised), finish).await?;
    }

    let mut child_done = match target.model.parts.sync {
        Some(hook) => {
            hooked::call_hooks(conn, &child, own, hook, &rows, &mut writes.related).await?
        }
        None => {
            reconcile::reconcile(conn, &child, &mut own, &rows, Some(found), job.bisecting).await?
        }
    };
    let below = super::write(conn, &child, &mut own, &rows, &mut child_done, writes);
    // On the heap, because sets may stand in sets.
    Box::pin(below).await?;

    let mut written_ids = Vec::new();
    for (row, written) in rows.iter().zip(&child_done.written) {
        match written {
            Written::Done(outcome) => {
                own_writes.count(*outcome);
                written_ids.push(&*row.id);
                if let Some(kind) = ChangeKind::of_write(written) {
                    writes.tell(table, &row.id, kind);
                }
            }
            Written::ReadAgain => done.again.extend(places.get(&*row.id)),
            Written::Failed { column, reason, .. } => own_writes.failures.push(Failure {
                id: row.id.clone(),
                column: column.clone(),
                reason: reason.clone(),
            }),
            Written::Outside => {}
        }
    }
    let again = child_done.again.iter().filter_map(|place| rows.get(*place));
    done.again
        .extend(again.filter_map(|row| places.get(&*row.id)));
    own_writes.changes.append(&mut child_done.changes);
    let failures = sets.iter().flat_map(|set| &set.set.failures);
    own_writes.failures.extend(failures.cloned());
    remember(conn, table, &written_ids, &own_writes.failures).await?;
    writes.children.push(own_writes);
    Ok(())
}

/// Sets beside what the table holds of their parents.
struct Comparison<'s> {
    /// The rows of elements.
    found: Found,
    /// The rows of the parents that are no elements, by the place of the parent.
    absent: Vec<(usize, String, Stored)>,
    /// The places of parents whose sets are not written.
    left: HashSet<usize>,
    /// Of an element that stands in two sets the later counts.
    elements: BTreeMap<&'s str, (usize, &'s KeyedRow)>,
}

impl<'s> Comparison<'s> {
    async fn of(
        conn: &mut Conn<'_>,
        table: &ChildTable<'_>,
        sets: &[PlacedSet<'s>],
    ) -> Result<Self, TxError> {
        let parents: Vec<&str> = sets.iter().map(|set| set.parent).collect();
        let places: HashMap<&str, usize> = sets.iter().map(|set| (set.parent, set.place)).collect();
        let partial: HashSet<&str> = sets
            .iter()
            .filter(|set| set.set.is_partial)
            .map(|set| set.parent)
            .collect();
        let mut elements = BTreeMap::new();
        let mut kept = HashSet::new();
        for set in sets {
            for row in &set.set.rows {
                elements.insert(&*row.id, (set.place, row));
            }
            kept.extend(set.set.kept.iter().map(String::as_str));
        }
        let (mut found, mut absent) = (Found::new(), Vec::new());
        for child in stored::of_parents(conn, &table.target, &parents).await? {
            if elements.contains_key(&*child.id) {
                found.insert(child.id, child.row);
            } else if !kept.contains(&*child.id)
                && !partial.contains(&*child.parent)
                && let Some(place) = places.get(&*child.parent)
            {
                absent.push((*place, child.id, child.row));
            }
        }
        Ok(Self {
            found,
            absent,
            left: HashSet::new(),
            elements,
        })
    }

    /// Leaves the sets out that differ from the table, of parents that a newer read may have found the same. Returns the
    /// places of these.
    fn leave_older(&mut self, sets: &[PlacedSet<'_>], older: &[usize]) -> Vec<usize> {
        for set in sets.iter().filter(|set| older.contains(&set.place)) {
            let is_same = |row: &KeyedRow| {
                let stored = self.found.get(&row.id);
                stored.is_some_and(|stored| stored.hash == Some(row.hash) && !stored.deleted)
            };
            let has_gone =
                |(place, _, row): &(usize, _, Stored)| *place == set.place && !row.deleted;
            if !set.set.rows.iter().all(is_same) || self.absent.iter().any(has_gone) {
                self.left.insert(set.place);
            }
        }
        self.absent
            .retain(|(place, _, _)| !self.left.contains(place));
        self.left.iter().copied().collect()
    }

    /// The rows of the sets that are written, in the order of their ids, and the place of each one's parent.
    fn rows(&self, sets: &[PlacedSet<'s>]) -> (Vec<&'s KeyedRow>, HashMap<&'s str, usize>) {
        let elements = self.elements.values();
        let written = elements.filter(|(place, _)| !self.left.contains(place));
        let rows = written.map(|(_, row)| *row).collect();
        let elements = sets.iter().flat_map(|set| {
            let rows = set.set.rows.iter();
            rows.map(move |row| (&*row.id, set.place))
        });
        (rows, elements.collect())
    }
}

/// What is to happen to rows that are no elements any more.
#[derive(Default)]
struct Absent {
    gone: Vec<String>,
    raised: Vec<String>,
    in_the_way: InTheWay,
}

/// Decides about rows that are no elements any more. The places of parents that are to be read again are added to `done`.
fn decide(
    child: &Job<'_>,
    held: &LockedTable,
    rows: Vec<(usize, String, Stored)>,
    done: &mut Reconciled,
) -> Absent {
    let mut absent = Absent::default();
    for (place, id, row) in rows {
        let known = (Some(row.observed_at), row.deleted);
        let (start, by) = (child.batch.start, child.batch.by);
        let decision = held.decide(&child.target, known, start, by);
        absent
            .in_the_way
            .see(decision, row.observed_at, held, start);
        match decision {
            Decision::Write | Decision::WriteAndReadAgain => absent.gone.push(id),
            Decision::Raise => absent.raised.push(id),
            Decision::Leave => {}
            Decision::ReadAgain => done.again.push(place),
            Decision::RaiseAndReadAgain => {
                absent.raised.push(id);
                done.again.push(place);
            }
        }
    }
    absent
}

fn id_texts(ids: &[String]) -> Vec<&str> {
    ids.iter().map(String::as_str).collect()
}

/// Records the failures of elements, and clears those of elements that are in the table now.
async fn remember(
    conn: &mut Conn<'_>,
    table: &ChildTable<'_>,
    written: &[&str],
    failures: &[Failure],
) -> Result<(), TxError> {
    let key = table.target.key();
    if remarks::has_failures(conn, &key).await? {
        remarks::clear_failed(conn, &key, written).await?;
    }
    remarks::record_failed(conn, &key, failures).await
}

impl<'a> Job<'a> {
    /// The write of elements that were read with this one's objects.
    pub(super) fn of_child<'c>(&'c self, table: &'c ChildTable<'a>) -> Job<'c>
    where
        'a: 'c,
    {
        let batch = &self.batch;
        Job {
            store: self.store,
            target: table.target.clone(),
            batch: crate::store::rows::write::WriteBatch {
                model: table.target.model,
                scope: batch.scope,
                rows: Vec::new(),
                start: batch.start,
                by: batch.by,
                rewrite_unchanged: batch.rewrite_unchanged,
                existing_only: false,
                expect_all_new: batch.expect_all_new,
                lease: None,
                riders: &[],
                context: batch.context,
            },
            facts: table.facts.clone(),
            broken_keys: self.broken_keys,
            tables: &table.tables,
            pages_run: self.pages_run,
            bisecting: self.bisecting,
        }
    }
}
