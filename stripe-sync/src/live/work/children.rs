//! Children that have no events of their own: an event of the parent that shows them in a list leads to them.

use crate::live::service::Live;
use crate::live::work::Refresh;
use crate::store::events::{Claim, ObjectRef};
use crate::store::rows::Failure;
use crate::sync::error::SyncError;
use crate::sync::object::children::{children_of, covering_parent};

impl Refresh<'_> {
    /// Says of all children of the object, at Stripe and in their tables, that they are to be read. They are processed as if
    /// events had told of them: those that Stripe no longer has are marked or removed.
    pub(crate) async fn enqueue_children(&self) -> Result<(), SyncError> {
        let parent = &self.claim.subject;
        let (mut subjects, mut left) = (Vec::new(), Vec::new());
        for &model in &self.live.shared.models {
            let Some(covering_parent) = covering_parent(model, &parent.object) else {
                continue;
            };
            let children =
                children_of(&self.begin_on(model).await?, covering_parent, &parent.id).await?;
            let ids = children.ids.into_iter();
            subjects.extend(ids.map(|id| ObjectRef::new(model.object(), id)));
            left.push((model, children.left));
        }
        if subjects.is_empty() {
            return Ok(());
        }
        subjects.sort_unstable();
        subjects.dedup();
        let (store, scope) = (self.live.store(), &self.claim.scope);
        store.enqueue_objects(scope, &subjects).await?;
        for (model, ids) in left {
            store.forget_children(model, scope, &ids).await?;
        }
        Ok(())
    }
}

impl Live {
    /// Remembers a child that failed for the last time: no event of it is there to be a dead letter.
    pub(crate) async fn remember_failed_child(
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
