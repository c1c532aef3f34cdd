//! What the lists showed, and which rows they did not show.

use crate::model::Model;
use crate::store::backfill::listed::FIRST_BATCH;
use crate::store::db::{Scope, Store, StoreError};
use crate::store::tables::RunLease;
use crate::sync::backfill::sweep::Part;
use crate::sync::object::ModelRun;

/// Hashes of ids that are held before they are stored: 32 kB.
const HELD: usize = 4_096;
/// Hashes that rows are compared with at once: 400 kB, and as much for those of one batch. A larger table is gone through
/// several times.
const COMPARED: i64 = 50_000;

/// The ids that the lists showed: eight bytes of each, in the bookkeeping once there are more than a few.
pub(super) struct ListedIds<'r> {
    run: &'r ModelRun<'r>,
    /// The key under which they stand there, and the seed of the hashes.
    lease: RunLease,
    held: Vec<u64>,
    /// The batches that are stored.
    batches: i64,
    count: i64,
}

impl<'r> ListedIds<'r> {
    /// # Errors
    /// When the database fails.
    pub(super) async fn begin(run: &'r ModelRun<'r>) -> Result<Self, StoreError> {
        let store = run.store();
        let lease = key(store, run.model, &run.scope, store.next_token().await?);
        Ok(Self {
            run,
            lease,
            held: Vec::new(),
            batches: 0,
            count: 0,
        })
    }

    /// # Errors
    /// When the database fails.
    pub(super) async fn add(&mut self, ids: impl Iterator<Item = &str>) -> Result<(), StoreError> {
        let before = self.held.len();
        self.held.extend(ids.map(|id| self.lease.hash(id)));
        self.count += i64::try_from(self.held.len() - before).unwrap_or_default();
        if self.held.len() >= HELD {
            let batch = FIRST_BATCH + self.batches;
            self.run
                .store()
                .keep_listed(&self.lease, batch, &self.held)
                .await?;
            self.batches += 1;
            self.held.clear();
        }
        Ok(())
    }

    /// The parts in which rows are compared with what was listed.
    pub(super) fn parts(&self) -> impl Iterator<Item = Part> + use<> {
        Part::all(self.count, COMPARED)
    }

    /// The hashes of one part, sorted. Those that were lost with a crash of the database's server are not among them: what
    /// they stand for is read once more.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn part(&self, part: Part) -> Result<Vec<u64>, StoreError> {
        let held = self.held.iter().copied();
        let mut hashes: Vec<u64> = held.filter(|hash| part.holds(*hash)).collect();
        let store = self.run.store();
        let mut batch = FIRST_BATCH - 1;
        while self.batches > 0
            && let Some((last, found)) = store.listed_after(&self.lease, batch).await?
        {
            batch = last;
            hashes.extend(found.into_iter().filter(|hash| part.holds(*hash)));
        }
        hashes.sort_unstable();
        Ok(hashes)
    }

    /// Which of some ids are of a part and among the hashes of what was not listed.
    pub(super) fn unlisted(&self, part: Part, hashes: &[u64], ids: Vec<String>) -> Vec<String> {
        let is_unlisted = |id: &String| {
            let hash = self.lease.hash(id);
            part.holds(hash) && hashes.binary_search(&hash).is_err()
        };
        ids.into_iter().filter(is_unlisted).collect()
    }

    /// # Errors
    /// When the database fails.
    pub(super) async fn forget(self) -> Result<(), StoreError> {
        // Also those of a verification that was killed.
        self.run.store().forget_listed(&self.lease).await
    }
}

/// A key beside that of the runs over the lists.
fn key(store: &Store, model: &'static Model, scope: &Scope, token: i64) -> RunLease {
    RunLease {
        table: format!("{} (verified)", store.place(model).name),
        scope: scope.clone(),
        run: token,
        owner: token,
        changes_filter: false,
    }
}
