//! Deletions: what Stripe no longer has.

use std::collections::HashSet;

use chrono::Utc;

use crate::freshness::{Decision, ReadBy};
use crate::model::hooks::ChangedCells;
use crate::model::{Model, OnDelete, Role};
use crate::store::db::{Bind, Conn, Scope, Store, StoreError, TableContext, TxError, transaction};
use crate::store::rows::remarks::outside;
use crate::store::rows::rider::{Done, notify};
use crate::store::rows::sets::{ChildTable, ChildWrites, SetWrites, removal};
use crate::store::rows::upsert::{RELEASE, SAVEPOINT, UNDO};
use crate::store::rows::{
    ChangeKind, Changes, Failure, Rider, WantedColumns, Written, outcome, refusal, remarks, stored,
    time,
};
use crate::store::tables::clock::InTheWay;
use crate::store::tables::lock::{hold_to_write, mark_tombstones};
use crate::store::tables::{Hold, LockedTable, RunLease};

/// What became of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deletion {
    /// The row was marked or removed.
    Deleted,
    /// The row was marked before.
    AlreadyDeleted,
    /// There is no row, and an older read makes none: of what is deleted a tombstone says so, of what is outside the filter
    /// the table's lock.
    Unknown,
    /// A newer read was faster, or may have been: the object is to be read again. Nothing was written.
    ReadAgain,
}

/// What became of some deletions.
#[derive(Debug, Default)]
pub(crate) struct DeletionReport {
    /// One entry for each id that did not fail.
    pub(crate) rows: Vec<(String, Deletion)>,
    /// Those that the database refused: their rows stay.
    pub(crate) failures: Vec<Failure>,
    /// The changes of a model with an `after_commit` hook.
    pub(crate) changes: Changes,
    /// What became of the rows of children.
    pub(crate) children: Vec<ChildWrites>,
}

/// Why rows go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gone {
    /// Stripe has the objects no more.
    Deleted,
    /// Stripe has the objects, and they are outside the filter.
    Left,
}

/// How objects were found gone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Removal<'a> {
    pub(crate) gone: Gone,
    /// The token of the read's beginning.
    pub(crate) start: i64,
    /// The run whose pages showed objects outside the filter. Without one each object was read by its id.
    pub(crate) lease: Option<&'a RunLease>,
    /// What else is written in the same transaction, if nothing is to be read again.
    pub(crate) riders: &'a [&'a dyn Rider],
}

impl Store {
    /// Records that objects do not exist at Stripe, or are outside the filter.
    ///
    /// # Errors
    /// As [`write`](Self::write), and when a rider fails.
    pub(crate) async fn delete(
        &self,
        model: &'static Model,
        scope: &Scope,
        ids: &[String],
        removal: Removal<'_>,
    ) -> Result<DeletionReport, StoreError> {
        self.prepare().await?;
        let target = self.target(model, scope)?;
        // PostgreSQL refuses a text with NUL, and no object has such an id. Where spaces at the end of a text do not count,
        // one more would be another object's row.
        let mut ids: Vec<&str> = ids
            .iter()
            .map(String::as_str)
            .filter(|id| !id.is_empty() && !id.contains('\0') && !id.ends_with(' '))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(DeletionReport::default());
        }
        let facts = self.facts(&target).await?;
        let tables = self.child_tables(model, scope).await?;
        // A row that the database holds, such as one that a foreign key of the user's names, fails alone.
        let mut bisecting = false;
        let report = loop {
            let finish = self.token_before().await?;
            let done = transaction!(
                self,
                target.table(),
                begin = self.kind().dialect().begin,
                again = |error: &TxError| {
                    let again = matches!(error, TxError::Data(_)) && !bisecting;
                    bisecting |= again;
                    again
                },
                async |conn| {
                    if facts.zoned {
                        conn.utc().await?;
                    }
                    let target = (&target, &*tables);
                    delete_in_transaction(conn, target, &ids, removal, finish, bisecting).await
                }
            );
            match done {
                Err(StoreError::ClockBehind { token, .. }) => {
                    self.raise_clock(target.table(), token).await?
                }
                done => break done?,
            }
        };
        self.set_known_owner(&target);
        Ok(report)
    }
}

async fn delete_in_transaction(
    conn: &mut Conn<'_>,
    (target, tables): (&TableContext<'_>, &[ChildTable<'_>]),
    ids: &[&str],
    removal: Removal<'_>,
    finish: Option<i64>,
    bisecting: bool,
) -> Result<DeletionReport, TxError> {
    for rider in removal.riders {
        rider.start(conn).await?;
    }
    let mut writes = SetWrites::default();
    let applied = apply(
        conn,
        (target, tables),
        ids,
        removal,
        finish,
        bisecting,
        &mut writes,
    );
    let (mut report, mut held) = applied.await?;
    report.children = writes.children;
    let kind = match removal.gone {
        Gone::Deleted => ChangeKind::Deleted,
        Gone::Left => ChangeKind::LeftFilter,
    };
    let deleted = report.rows.iter();
    let deleted = deleted.filter(|(_, deletion)| *deletion == Deletion::Deleted);
    let deleted = deleted.map(|(id, _)| (&**id, kind));
    notify::tell(conn, target, deleted, &writes.related).await?;
    let read_again = report.rows.iter().any(|row| row.1 == Deletion::ReadAgain);
    if read_again || !report.failures.is_empty() || removal.riders.is_empty() {
        return Ok(report);
    }
    let mut rows = report.rows.iter();
    let changed = rows.find(|(_, deletion)| *deletion == Deletion::Deleted);
    let mut done = Done {
        target,
        held: &mut held,
        ids: ids.to_vec(),
        failures: Vec::new(),
        changed: changed.map(|(id, _)| (&**id, kind)),
        changes: &mut report.changes,
        children: &mut report.children,
        related: &writes.related,
        deleted: true,
        has_rows: false,
    };
    for rider in removal.riders {
        rider.commit(conn, &mut done).await?;
    }
    Ok(report)
}

async fn apply(
    conn: &mut Conn<'_>,
    (target, tables): (&TableContext<'_>, &[ChildTable<'_>]),
    ids: &[&str],
    removal: Removal<'_>,
    finish: Option<i64>,
    bisecting: bool,
    writes: &mut SetWrites,
) -> Result<(DeletionReport, LockedTable), TxError> {
    if let (true, Some(statement)) = (bisecting, conn.kind().dialect().constraints_now) {
        conn.run(statement).await?;
    }
    // Alone: a row that is being inserted would not be seen, and the insert would not see the tombstone.
    let mut held = hold_to_write(conn, target, Hold::Alone, removal.lease).await?;
    held.finish = held.finish.or(finish);
    let wanted = match target.keeps_changes() {
        true => WantedColumns::all(target.model),
        false => WantedColumns::none(),
    };
    let mut found = stored::read(conn, target, ids, true, &wanted).await?;
    let mut report = DeletionReport::default();
    let by = removal.lease.map_or(ReadBy::Id, |_| ReadBy::List);
    let changed: fn(_) -> ChangedCells = match removal.gone {
        Gone::Deleted => ChangedCells::Deleted,
        Gone::Left => ChangedCells::LeftFilter,
    };
    let (mut deleted, mut raised, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    let mut in_the_way = InTheWay::default();
    for &id in ids {
        let Some(row) = found.remove(id) else {
            missing.push(id);
            report.rows.push((id.to_owned(), Deletion::Unknown));
            continue;
        };
        let known = (Some(row.observed_at), row.deleted);
        let decision = held.decide(target, known, removal.start, by);
        in_the_way.see(decision, row.observed_at, &held, removal.start);
        let deletion = match decision {
            Decision::Write | Decision::WriteAndReadAgain => Deletion::Deleted,
            Decision::Raise | Decision::Leave => Deletion::AlreadyDeleted,
            Decision::ReadAgain | Decision::RaiseAndReadAgain => Deletion::ReadAgain,
        };
        if deletion == Deletion::Deleted {
            deleted.push(id);
            let before = row.cells.filter(|_| !row.deleted);
            let change = before.map(|before| (id.to_owned(), changed(before)));
            report.changes.extend(change);
        } else if decision != Decision::ReadAgain {
            raised.push(id);
        }
        report.rows.push((id.to_owned(), deletion));
    }
    in_the_way.check(conn, target).await?;
    let finish = match target.versioned() || !tables.is_empty() {
        true => held.finish(conn).await?,
        false => 0,
    };
    let how = (removal.gone, finish);
    // Children may have stayed where their parents had no row, or went before these had children.
    let others = report
        .rows
        .iter()
        .filter(|(_, deletion)| matches!(deletion, Deletion::AlreadyDeleted | Deletion::Unknown));
    let others: Vec<&str> = others.map(|(id, _)| id.as_str()).collect();
    if !others.is_empty() {
        removal::with_parents(conn, tables, &others, how, writes).await?;
    }
    report.failures = take_out(conn, (target, tables), &deleted, how, bisecting, writes).await?;
    if !report.failures.is_empty() {
        let refused: HashSet<&str> = report.failures.iter().map(|row| row.id.as_str()).collect();
        report.rows.retain(|(id, _)| !refused.contains(id.as_str()));
        let changes = &mut report.changes;
        changes.retain(|(id, _)| !refused.contains(id.as_str()));
        deleted.retain(|id| !refused.contains(id));
    }
    if !target.versioned() {
        return Ok((report, held));
    }

    if removal.gone == Gone::Left && !missing.is_empty() {
        // Of most of them there was never a row, and none of them has to be known by its id.
        outside::mark(conn, target, &missing, finish).await?;
        missing.clear();
    }
    if held.tombstones {
        // A tombstone that is newer than this read already says so.
        let tombstones = remarks::tombstones(conn, target, &missing).await?;
        missing.retain(|id| tombstones.get(*id).is_none_or(|&token| token < finish));
    }
    if target.model.parts.on_delete == OnDelete::Hard {
        missing.append(&mut deleted);
    }
    target.bump(conn, &raised, finish).await?;
    if !missing.is_empty() {
        remarks::write_tombstones(conn, target, &missing, finish).await?;
        if !held.tombstones {
            mark_tombstones(conn, target).await?;
        }
    }
    Ok((report, held))
}

/// Marks or removes rows, as the model says. When it is `bisecting`, each by itself; returns those that the database
/// refuses then.
pub(super) async fn take_out(
    conn: &mut Conn<'_>,
    (target, tables): (&TableContext<'_>, &[ChildTable<'_>]),
    ids: &[&str],
    how: (Gone, i64),
    bisecting: bool,
    writes: &mut SetWrites,
) -> Result<Vec<Failure>, TxError> {
    let mut refused = Vec::new();
    if !bisecting {
        mark_or_remove(conn, (target, tables), ids, how, writes).await?;
        return Ok(refused);
    }
    let broken = refusal::broken_keys(conn).await?;
    for &id in ids {
        conn.run(SAVEPOINT).await?;
        let before = (writes.children.len(), writes.related.len());
        let done = mark_or_remove(conn, (target, tables), &[id], how, writes).await;
        let refusal = match done {
            // SQLite looks at deferred keys at the end of the transaction alone.
            Ok(()) if refusal::broken_keys(conn).await? > broken => {
                let refusal = refusal::of_a_key(conn, target).await?;
                conn.run(UNDO).await?;
                Some(refusal)
            }
            Ok(()) => None,
            Err(TxError::Data(error)) => {
                // The database runs nothing more until the savepoint is undone.
                conn.run(UNDO).await?;
                Some(outcome::refused(conn, target, &[], &error).await?)
            }
            Err(error) => return Err(error),
        };
        if let Some(Written::Failed { column, reason, .. }) = refusal {
            writes.children.truncate(before.0);
            writes.related.truncate(before.1);
            let reason = format!("deleted at Stripe, and its row is held: {reason}");
            let id = id.to_owned();
            refused.push(Failure { id, column, reason });
        }
        conn.run(RELEASE).await?;
    }
    Ok(refused)
}

/// Marks or removes rows, as the model says; what stands in lists of theirs goes first, because a foreign key may hold it to
/// its parent.
async fn mark_or_remove(
    conn: &mut Conn<'_>,
    (target, tables): (&TableContext<'_>, &[ChildTable<'_>]),
    ids: &[&str],
    (gone, finish): (Gone, i64),
    writes: &mut SetWrites,
) -> Result<(), TxError> {
    removal::with_parents(conn, tables, ids, (gone, finish), writes).await?;
    if target.model.parts.on_delete == OnDelete::Hard || !target.versioned() {
        let remove = &target.statements.remove;
        return target.execute(conn, remove, &[], ids, &[]).await;
    }
    let now = Utc::now();
    let deleted_at = target.model.role(Role::DeletedAt);
    let mut set = vec![
        time::bind(target.kind, deleted_at, now),
        Bind::integer(finish),
    ];
    set.extend(time::synced_at(target, now));
    let mark = &target.statements.mark;
    target.execute(conn, mark, &set, ids, &[]).await
}
