//! Children that have no events of their own: an event of the parent that shows them in a list leads to them.

use super::builder::Live;
use super::refresh::Refresh;
use crate::store::{Claim, Failure, Subject};
use crate::sync::SyncError;
use crate::sync::live::children_of;
pub(super) use crate::sync::live::is_told_by;

impl Refresh<'_> {
    /// Says of all children of the object, at Stripe and in their tables, that they are to be read. They are processed as if
    /// events had told of them: those that Stripe no longer has are marked or removed.
    pub(super) async fn notice_children(&self) -> Result<(), SyncError> {
        let parent = &self.claim.subject;
        let mut subjects = Vec::new();
        let models = self.live.shared.models.iter().copied();
        for model in models.filter(|model| is_told_by(model, &parent.object)) {
            let ids = children_of(&self.run(model).await?, &parent.object, &parent.id).await?;
            subjects.extend(ids.into_iter().map(|id| Subject::new(model.object(), id)));
        }
        if subjects.is_empty() {
            return Ok(());
        }
        subjects.sort_unstable();
        subjects.dedup();
        let noticed = self
            .live
            .store()
            .notice_objects(&self.claim.scope, &subjects);
        Ok(noticed.await?)
    }
}

impl Live {
    /// Remembers a child that failed for the last time: no event of it is there to be a dead letter.
    pub(super) async fn remember_failed_child(
        &self,
        claim: &Claim,
        reason: &str,
    ) -> Result<(), SyncError> {
        let failure = [Failure::whole(&claim.subject.id, reason)];
        for model in self.models_of(&claim.subject.object) {
            let failed = self.store().record_failed(model, &claim.scope, &failure);
            failed.await?;
        }
        Ok(())
    }
}
