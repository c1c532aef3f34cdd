//! How far a read is believed that finds nothing, where no event tells of a deletion.
//!
//! Stripe may not show at once what an event tells of, so such a read is done again a little later. And a key of another
//! account, or an account whose data was deleted, finds nothing at all: after a few objects in a row no row goes any more
//! until something is found.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use crate::calls::lock;
use crate::store::db::Scope;
use crate::store::rows::presence::Presence;

use crate::sync::error::SyncError;
use crate::sync::object::read::retrieve;
use crate::sync::object::{ModelRun, Read};

/// How long after a read that found nothing the next one is sent. Stripe documents no bound; what others saw of a new
/// object that could not be read yet was over within a second.
const AGAIN_AFTER: Duration = Duration::from_secs(2);
/// Rows that go in a row before none goes any more.
pub(crate) const IN_A_ROW: u32 = 5;

/// The rows of each account and mode that went, one after the other, without an event that tells of it.
#[derive(Debug, Default)]
pub(crate) struct Absences {
    in_a_row: Mutex<HashMap<Scope, u32>>,
}

impl Absences {
    /// Says that an object was found.
    pub(crate) fn found(&self, scope: &Scope) {
        lock(&self.in_a_row).remove(scope);
    }

    /// Says that an object with a row was not found, and returns whether the row may go.
    pub(crate) fn missed(&self, scope: &Scope) -> bool {
        let mut in_a_row = lock(&self.in_a_row);
        let missed = in_a_row.entry(scope.clone()).or_default();
        let may_go = *missed < IN_A_ROW;
        *missed += u32::from(may_go);
        may_go
    }
}

/// What is known when an object is read that events told of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Doubt<'d> {
    pub(crate) absences: &'d Absences,
    /// Whether an event tells of a deletion.
    pub(crate) is_told: bool,
    /// Whether an event tells of a new object with this id, and none of a later deletion: ids that the caller chooses come
    /// again after one.
    pub(crate) may_be_back: bool,
}

impl Doubt<'_> {
    /// Returns what an object's read comes to, once it is believed.
    ///
    /// # Errors
    /// When Stripe or the database fail; [`SyncError::Doubted`] when too many rows in a row would go.
    pub(crate) async fn settle(
        self,
        run: &ModelRun<'_>,
        id: &str,
        mut read: Read,
    ) -> Result<Read, SyncError> {
        if read.found.is_none() && (!self.is_told || self.may_be_back) {
            let known = run.store().presence(run.model, &run.scope, id).await?;
            if known == Presence::Deleted && !self.may_be_back {
                return Ok(read);
            }
            tokio::time::sleep(AGAIN_AFTER).await;
            let start = run.store().next_token().await?;
            let found = retrieve(run, id).await?;
            read = Read { start, found };
            let is_untold = read.found.is_none() && !self.is_told;
            if is_untold && known == Presence::Alive && !self.absences.missed(&run.scope) {
                return Err(SyncError::Doubted {
                    model: run.model.name(),
                    id: id.to_owned(),
                    scope: run.scope.describe(),
                    in_a_row: IN_A_ROW,
                });
            }
        }
        if read.found.is_some() {
            self.absences.found(&run.scope);
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_rows_in_a_row_go() {
        let absences = Absences::default();
        let scope = |account: &str| Scope {
            account: account.to_owned(),
            livemode: false,
        };
        let (one, other) = (scope("acct_1"), scope("acct_2"));
        for _ in 0..IN_A_ROW {
            assert!(absences.missed(&one));
        }
        assert!(!absences.missed(&one) && !absences.missed(&one));
        assert!(absences.missed(&other));
        absences.found(&one);
        assert!(absences.missed(&one));
    }
}
