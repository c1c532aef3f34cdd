//! Children of which events of their parent tell: they have none of their own, or go with it.

use crate::live::service::Live;
use crate::live::work::Refresh;
use crate::live::work::refresh::failed_child;
use crate::model::Model;
use crate::store::events::{Claim, ObjectRef};
use crate::store::rows::Failure;
use crate::sync::error::SyncError;
use crate::sync::object::ObjectWriter;
use crate::sync::object::children::{CoveringParent, children_of, covering_parent};
use crate::sync::object::lone_sets::Belief;
use crate::webhook::form::plain;

impl Refresh<'_> {
    /// Brings the children of the object up to date: those of which only its events tell, and those that it takes with it. Where
    /// their list stands in the object, it is written with the object, as far as a model mirrors it; else it is read. The others
    /// are processed as if events had told of them: those that Stripe no longer has are marked or removed.
    pub(crate) async fn refresh_children(&self) -> Result<(), SyncError> {
        let parent = &self.claim.subject;
        let (mut subjects, mut left) = (Vec::new(), Vec::new());
        for &model in &self.live.shared.models {
            let Some(covering_parent) = covering_parent(model, &parent.object) else {
                continue;
            };
            if covering_parent.is_set {
                self.refresh_set(model, covering_parent).await?;
                continue;
            }
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

    /// Reads the object's list of a model's objects and writes it, unless it is written with the object, or no event tells of
    /// it.
    async fn refresh_set(
        &self,
        model: &'static Model,
        covering_parent: CoveringParent,
    ) -> Result<(), SyncError> {
        let subject = &self.claim.subject;
        let mut kinds = self.events.iter().map(|event| plain(&event.kind));
        let is_told = kinds.any(|kind| covering_parent.is_told_by(kind));
        if !is_told || self.live.writes_with_parent(model, &subject.object) {
            return Ok(());
        }
        let run = self.begin_on(model).await?;
        let mut writer = ObjectWriter::new(&run);
        writer.following = Some(self.following(false));
        writer.doubt = Some(self.doubt(model));
        let mut kinds = self.events.iter().map(|event| plain(&event.kind));
        let belief = match kinds.any(|kind| covering_parent.deleted_events.contains(&kind)) {
            true => Belief::AtOnce,
            false => Belief::Twice,
        };
        let written = writer.write_set(covering_parent.parent, &subject.id, belief);
        written.await?;
        failed_child(&mut writer)
    }
}

impl Live {
    /// Whether the rows of a model are written with those of their parents.
    fn writes_with_parent(&self, model: &'static Model, parent: &str) -> bool {
        self.models_of(parent).any(|parent| {
            let mut children = parent.children();
            !parent.is_filtered() && children.any(|(_, child)| child.is(model))
        })
    }

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
