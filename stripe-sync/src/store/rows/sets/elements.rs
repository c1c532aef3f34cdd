//! Elements without ids: their rows are replaced whenever the parent's row is written, whose hash covers them.

use sqlx::AssertSqlSafe;
use stripe_sync_schema::table::HASH;

use crate::model::Role;
use crate::model::hooks::Outcome;
use crate::store::db::{Bind, Conn, TxError};
use crate::store::rows::reconcile::Reconciled;
use crate::store::rows::sets::{ChildTable, ChildWrites, PlacedSet, SetWrites, stored};
use crate::store::rows::upsert::{self, RELEASE, SAVEPOINT, UNDO};
use crate::store::rows::{Failure, Job, RowPlan, Written, outcome, remarks};
use crate::store::tables::lock::hold_to_write;
use crate::store::tables::{Hold, LockedTable};

/// Replaces the elements of the parents whose rows were written.
pub(super) async fn replace(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    table: &ChildTable<'_>,
    held: &LockedTable,
    sets: &[PlacedSet<'_>],
    done: &Reconciled,
    writes: &mut SetWrites,
) -> Result<(), TxError> {
    let is_written = |set: &&PlacedSet<'_>| {
        let written = done.written.get(set.place);
        let outcomes = [Outcome::Inserted, Outcome::Updated].map(Written::Done);
        written.is_some_and(|written| outcomes.contains(written))
    };
    let (changed, unchanged): (Vec<_>, Vec<_>) = sets.iter().partition(is_written);
    let mut own = ChildWrites::new(table);
    own.unchanged = unchanged.iter().map(|set| set.set.rows.len() as u64).sum();
    if !changed.is_empty() {
        hold_to_write(conn, &table.target, Hold::Shared, None).await?;
        let parents: Vec<&str> = changed.iter().map(|set| set.parent).collect();
        let (sound, unsound): (Vec<_>, Vec<_>) = changed
            .into_iter()
            .partition(|set| set.set.failures.is_empty());
        let mut again: Vec<&str> = unsound.iter().map(|set| set.parent).collect();
        let failures = unsound.iter().filter_map(|set| set.set.failures.first());
        own.failures.extend(failures.cloned());
        let child = job.of_child(table);
        match job.bisecting {
            false => put(conn, &child, held, &sound, &mut own).await?,
            true => again.extend(put_each(conn, &child, held, &sound, &mut own).await?),
        }
        rewrite_next_time(conn, job, &again).await?;
        let key = table.target.key();
        if remarks::has_failures(conn, &key).await? {
            remarks::clear_failed(conn, &key, &parents).await?;
        }
        remarks::record_failed(conn, &key, &own.failures).await?;
    }
    writes.children.push(own);
    Ok(())
}

/// Replaces the elements of one parent after the other. Returns the parents whose elements the database refuses.
async fn put_each<'s>(
    conn: &mut Conn<'_>,
    child: &Job<'_>,
    held: &LockedTable,
    sets: &[&PlacedSet<'s>],
    own: &mut ChildWrites,
) -> Result<Vec<&'s str>, TxError> {
    let mut refused = Vec::new();
    for set in sets {
        conn.run(SAVEPOINT).await?;
        match put(conn, child, held, &[set], own).await {
            Ok(()) => {}
            Err(TxError::Data(error)) => {
                conn.run(UNDO).await?;
                let cells = set.set.rows.first().map_or(&[][..], |row| &row.row.cells);
                let refusal = outcome::refused(conn, &child.target, cells, &error).await?;
                if let Written::Failed { column, reason, .. } = refusal {
                    let id = set.parent.to_owned();
                    own.failures.push(Failure { id, column, reason });
                }
                refused.push(set.parent);
            }
            Err(error) => return Err(error),
        }
        conn.run(RELEASE).await?;
    }
    Ok(refused)
}

/// Removes what the table has of the parents, and inserts the elements.
async fn put(
    conn: &mut Conn<'_>,
    child: &Job<'_>,
    held: &LockedTable,
    sets: &[&PlacedSet<'_>],
    own: &mut ChildWrites,
) -> Result<(), TxError> {
    let parents: Vec<&str> = sets.iter().map(|set| set.parent).collect();
    let rows = sets.iter().flat_map(|set| &set.set.rows);
    let plans: Vec<RowPlan<'_>> = rows.map(RowPlan::of_element).collect();
    let plans: Vec<&RowPlan<'_>> = plans.iter().collect();
    let before = stored::remove_of_parents(conn, &child.target, &parents).await?;
    let finish = held.finish.unwrap_or_default();
    if !plans.is_empty() && !upsert::insert(conn, child, &plans, finish).await? {
        return Err(TxError::conflict());
    }
    let now = plans.len() as u64;
    own.updated += now.min(before);
    own.inserted += now.saturating_sub(before);
    own.deleted += before.saturating_sub(now);
    Ok(())
}

/// Makes the next read of parents write their rows once more, and so their elements.
async fn rewrite_next_time(
    conn: &mut Conn<'_>,
    job: &Job<'_>,
    parents: &[&str],
) -> Result<(), TxError> {
    let target = &job.target;
    let Some(id) = target.model.role(Role::Id).filter(|_| target.versioned()) else {
        return Ok(());
    };
    let rows = target.rows_of_scope();
    let rows = rows.strip_prefix("FROM ").unwrap_or(&rows);
    let (table, scope) = match rows.split_once(" WHERE ") {
        Some((table, scope)) => (table, format!("{scope} AND ")),
        None => (rows, String::new()),
    };
    let binds = target.scope_binds();
    for parent in parents {
        let place = target.kind.placeholder(binds.len() + 1);
        let (id, hash) = (target.quote(id.name), target.quote(HASH));
        let sql = format!("UPDATE {table} SET {hash} = NULL WHERE {scope}{id} = {place}");
        let binds = [&binds[..], &[Bind::text(parent)]].concat();
        conn.execute(AssertSqlSafe(sql), &binds).await?;
    }
    Ok(())
}
