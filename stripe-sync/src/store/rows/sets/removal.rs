//! Rows of children that go: their parents do, or no list of a parent has them any more.

use crate::model::OnDelete;
use crate::model::hooks::ChangedCells;
use crate::store::db::{Conn, TxError};
use crate::store::rows::delete::{Gone, take_out};
use crate::store::rows::sets::{ChildTable, ChildWrites, SetWrites, stored};
use crate::store::rows::{ChangeKind, WantedColumns, remarks, stored as rows};
use crate::store::tables::lock::{hold_to_write, mark_tombstones};
use crate::store::tables::{Hold, LockedTable};

/// Rows that go.
#[derive(Clone, Copy)]
pub(super) struct Removed<'r> {
    pub(super) ids: &'r [String],
    pub(super) gone: Gone,
    pub(super) finish: i64,
    /// Whether each goes by itself, and stays if the database refuses it.
    pub(super) bisecting: bool,
}

/// Takes rows out as their model says, with what stands in lists of theirs. Those that the database holds are failures.
pub(super) async fn remove(
    conn: &mut Conn<'_>,
    table: &ChildTable<'_>,
    held: &LockedTable,
    removed: Removed<'_>,
    own: &mut ChildWrites,
    writes: &mut SetWrites,
) -> Result<(), TxError> {
    let target = &table.target;
    if removed.ids.is_empty() {
        return Ok(());
    }
    let mut ids: Vec<&str> = removed.ids.iter().map(String::as_str).collect();
    let (kind, changed): (_, fn(_) -> ChangedCells) = match removed.gone {
        Gone::Deleted => (ChangeKind::Deleted, ChangedCells::Deleted),
        Gone::Left => (ChangeKind::LeftFilter, ChangedCells::LeftFilter),
    };
    if target.keeps_changes() {
        let all = WantedColumns::all(target.model);
        let mut before = rows::read(conn, target, &ids, true, &all).await?;
        let cells = ids.iter().filter_map(|id| {
            let cells = before.remove(*id)?.cells?;
            Some(((*id).to_owned(), changed(cells)))
        });
        own.changes.extend(cells);
    }
    let (finish, gone) = (removed.finish, removed.gone);
    let (table_of, how) = ((target, &*table.tables), (gone, finish));
    let taken = take_out(conn, table_of, &ids, how, removed.bisecting, writes);
    // On the heap, because sets may stand in sets.
    let refused = Box::pin(taken).await?;
    let is_refused = |id: &str| refused.iter().any(|refused| refused.id == id);
    ids.retain(|id| !is_refused(id));
    own.changes.retain(|(id, _)| !is_refused(id));
    own.failures.extend(refused);
    if target.versioned() && target.model.parts.on_delete == OnDelete::Hard {
        remarks::write_tombstones(conn, target, &ids, finish).await?;
        if !held.tombstones {
            mark_tombstones(conn, target).await?;
        }
    }
    own.deleted += ids.len() as u64;
    for id in ids {
        writes.tell(table, id, kind);
    }
    Ok(())
}

/// Takes out what stands in lists of parents that go.
pub(crate) async fn with_parents(
    conn: &mut Conn<'_>,
    tables: &[ChildTable<'_>],
    parents: &[&str],
    (gone, finish): (Gone, i64),
    writes: &mut SetWrites,
) -> Result<(), TxError> {
    for table in tables {
        let target = &table.target;
        let mut own = ChildWrites::new(table);
        if target.model.is_of_elements() {
            hold_to_write(conn, target, Hold::Shared, None).await?;
            own.deleted = stored::remove_of_parents(conn, target, parents).await?;
        } else {
            let how = Hold::Set { finish, run: None };
            let held = hold_to_write(conn, target, how, None).await?;
            let found = stored::of_parents(conn, target, parents).await?;
            let found = found.into_iter().filter(|child| !child.row.deleted);
            let ids: Vec<String> = found.map(|child| child.id).collect();
            let removed = Removed {
                ids: &ids,
                gone,
                finish,
                // A parent whose children are held is held, too.
                bisecting: false,
            };
            remove(conn, table, &held, removed, &mut own, writes).await?;
        }
        writes.children.push(own);
    }
    Ok(())
}
