//! Rows that go: their objects are deleted at Stripe, or outside the model's filter.

use crate::store::rows::delete::{Deletion, Gone, Removal};
use crate::store::rows::remarks::failed::Failure;
use crate::store::tables::lease::RunLease;

use crate::sync::error::SyncError;
use crate::sync::object::write::{Outcomes, Writer, span};
use crate::sync::report::IdOutcome;

impl Writer<'_> {
    /// Says of an object that it is outside the filter and has no row.
    pub(crate) fn outside(&mut self, id: String, outcomes: &mut Outcomes) {
        self.report.outside += 1;
        outcomes.push((id, IdOutcome::OutsideFilter));
    }

    /// Marks or removes rows whose objects a walk to the end of its lists did not see, where that is enough.
    ///
    /// # Errors
    /// When the database fails as a whole, or another walk followed.
    pub(crate) async fn leave(
        &mut self,
        ids: Vec<String>,
        lease: &RunLease,
    ) -> Result<(), SyncError> {
        let gone = (Gone::Left, ids);
        let (mut outcomes, mut failures) = (Vec::new(), Vec::new());
        let start = self.run.store().next_token().await?;
        let lease = Some(lease);
        self.gone(gone, start, lease, &mut outcomes, &mut failures)
            .await?;
        self.fail(failures, &mut outcomes).await?;
        self.forgive(&outcomes).await
    }

    /// Marks or removes rows; answers the ids to read again.
    pub(crate) async fn gone(
        &mut self,
        (gone, ids): (Gone, Vec<String>),
        start: i64,
        lease: Option<&RunLease>,
        outcomes: &mut Outcomes,
        failures: &mut Vec<Failure>,
    ) -> Result<Vec<String>, SyncError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let (store, model, scope) = (self.run.store(), self.run.model, &self.run.scope);
        let removal = Removal {
            gone,
            span: span(start),
            lease,
            riders: &self.riders(None),
        };
        let deleted = store.delete(model, scope, &ids, removal).await?;
        failures.extend(deleted.failures);
        let mut again = Vec::new();
        for (id, outcome) in deleted.rows {
            match outcome {
                Deletion::Deleted => {
                    self.report.deleted += 1;
                    outcomes.push((id, IdOutcome::Deleted));
                }
                Deletion::Left => {
                    self.report.left += 1;
                    outcomes.push((id, IdOutcome::OutsideFilter));
                }
                Deletion::AlreadyDeleted | Deletion::Unknown if gone == Gone::Left => {
                    self.outside(id, outcomes);
                }
                Deletion::AlreadyDeleted => outcomes.push((id, IdOutcome::Deleted)),
                Deletion::Unknown => {
                    self.report.missing += 1;
                    outcomes.push((id, IdOutcome::Missing));
                }
                Deletion::ReadAgain => again.push(id),
            }
        }
        self.after_commit(deleted.changes).await;
        Ok(again)
    }
}
