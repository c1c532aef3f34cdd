//! Rows that go: their objects are deleted at Stripe, or outside the model's filter.

use crate::store::rows::delete::{Deletion, Gone, Removal};
use crate::store::tables::RunLease;

use crate::sync::error::SyncError;
use crate::sync::object::write::failed;
use crate::sync::object::{ObjectWriter, Outcomes};
use crate::sync::report::IdOutcome;

impl ObjectWriter<'_> {
    /// Marks or removes rows whose objects a run to the end of its lists did not see, where that is enough.
    ///
    /// # Errors
    /// When the database fails as a whole, or another run followed.
    pub(crate) async fn leave(
        &mut self,
        ids: Vec<String>,
        lease: &RunLease,
    ) -> Result<(), SyncError> {
        let mut outcomes = Vec::new();
        let start = self.run.store().next_token().await?;
        self.gone(Gone::Left, ids, start, Some(lease), &mut outcomes)
            .await?;
        self.record(&outcomes).await
    }

    /// Marks or removes rows. Returns the ids to read again.
    pub(crate) async fn gone(
        &mut self,
        gone: Gone,
        ids: Vec<String>,
        start: i64,
        lease: Option<&RunLease>,
        outcomes: &mut Outcomes,
    ) -> Result<Vec<String>, SyncError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let (store, model, scope) = (self.run.store(), self.run.model, &self.run.scope);
        let removal = Removal {
            gone,
            start,
            lease,
            riders: &self.riders(None),
        };
        let deleted = store.delete(model, scope, &ids, removal).await?;
        outcomes.extend(deleted.failures.into_iter().map(failed));
        let mut again = Vec::new();
        for (id, outcome) in deleted.rows {
            match outcome {
                Deletion::Deleted if gone == Gone::Left => {
                    self.report.left += 1;
                    outcomes.push((id, IdOutcome::OutsideFilter));
                }
                Deletion::Deleted => {
                    self.report.deleted += 1;
                    outcomes.push((id, IdOutcome::Deleted));
                }
                Deletion::AlreadyDeleted | Deletion::Unknown if gone == Gone::Left => {
                    self.report.outside += 1;
                    outcomes.push((id, IdOutcome::OutsideFilter));
                }
                Deletion::AlreadyDeleted => outcomes.push((id, IdOutcome::Deleted)),
                Deletion::Unknown => {
                    self.report.missing += 1;
                    outcomes.push((id, IdOutcome::Missing));
                }
                Deletion::ReadAgain => again.push(id),
            }
        }
        self.take_children(deleted.children).await;
        self.after_commit(deleted.changes).await;
        Ok(again)
    }
}
