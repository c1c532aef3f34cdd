//! A few rows whose objects are read first, to tell an account whose data is gone from another account.

use crate::client::Response;
use crate::store::tables::RunLease;

use crate::sync::backfill::sweep::{COMPARED, Part, Sweep, Unseen};
use crate::sync::error::SyncError;
use crate::sync::object::read::{is_retrievable, retrieve};
use crate::sync::object::{ModelRun, Read};

/// Objects that are asked for where the lists of a filter show nothing.
const PROBES: usize = 10;
/// Rows that are read first where the lists show none of those that were there: three that are gone look like another
/// account. As many rows or fewer may all have gone by themselves.
pub(crate) const WITNESSES: usize = 3;

/// What Stripe answers the read of an object, if only that it was deleted: to another account's key it has no answer.
async fn found(run: &ModelRun<'_>, id: &str) -> Result<Option<Response>, SyncError> {
    match retrieve(run, id).await {
        Err(SyncError::Object { .. } | SyncError::NoParent { .. }) => Ok(None),
        answer => answer,
    }
}

/// Whether Stripe has the object of any of the first rows: then lists that show nothing are those of the account, and of a
/// filter that lets nothing through by now.
pub(crate) async fn knows_any(run: &ModelRun<'_>, lease: &RunLease) -> Result<bool, SyncError> {
    if !is_retrievable(run.model) {
        return Ok(false);
    }
    let ids = run.store().rows_after(run.model, lease, "").await?;
    for id in ids.iter().take(PROBES) {
        if found(run, id).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Sweep<'_, '_> {
    /// How many rows there were before the run, if the lists showed none of them and Stripe does not know the first few.
    pub(crate) async fn strangers(&mut self) -> Result<Option<u64>, SyncError> {
        let (run, known) = (self.writer.run, self.writer.knew_rows);
        if self.reads.after_wipe || known || !is_retrievable(run.model) {
            return Ok(None);
        }
        // Where the clock was raised since the run began, rows of another counter were raised by the pages that showed them,
        // and look as if the run had made them. The table is bound to this account, and each row is read before it goes.
        if run.store().raised_until().await? > self.lease.run {
            return Ok(None);
        }
        let (mut rows, mut witnesses) = (0, Vec::new());
        for part in Part::all(self.listed, COMPARED) {
            let Some(seen) = self.seen(part).await? else {
                // It is said where the rows are compared.
                return Ok(None);
            };
            let mut after = String::new();
            let (store, lease) = (run.store(), self.lease);
            let silent = store.silent_tokens(lease).await?;
            loop {
                let page = store.alive_after(run.model, lease, silent, &after);
                let (ids, Some(last)) = page.await? else {
                    break;
                };
                after = last;
                for id in ids.into_iter().filter(|id| part.holds(lease.hash(id))) {
                    if seen.binary_search(&lease.hash(&id)).is_ok() {
                        return Ok(None);
                    }
                    rows += 1;
                    if witnesses.len() < WITNESSES {
                        witnesses.push(id);
                    }
                }
            }
        }
        if rows <= WITNESSES as u64 {
            return Ok(None);
        }
        for id in witnesses {
            let start = run.store().next_token().await?;
            let Some(found) = found(run, &id).await? else {
                continue;
            };
            if self.unseen == Unseen::Confirm {
                let read = Read {
                    start,
                    found: Some(found),
                };
                self.reads.most = self.reads.most.saturating_sub(1);
                // Not counted as the lists' unchanged ones are.
                let unchanged = self.writer.report.unchanged;
                let (outcomes, _) = self.writer.write_newest(id, Some(read)).await?;
                self.writer.report.unchanged = unchanged;
                // It is counted with those that are known to be in no list.
                self.take_in(outcomes).await?;
            }
            return Ok(None);
        }
        Ok(Some(rows))
    }
}
