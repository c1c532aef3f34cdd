//! Children that have no events of their own: an event of the parent that shows them in a list leads to them.

use super::builder::Live;
use crate::store::{Claim, Failure, Subject};
use crate::sync::SyncError;
pub(super) use crate::sync::live::is_told_by;
use crate::sync::live::{Reader, children_of};

impl Live {
    /// Says of all children of a claimed object, at Stripe and in their tables, that they are to be read. They are
    /// processed as if events had told of them: those that Stripe no longer has are marked or removed.
    pub(super) async fn notice_children(
        &self,
        claim: &Claim,
        reader: Reader<'_>,
    ) -> Result<(), SyncError> {
        let parent = &claim.subject;
        let mut subjects = Vec::new();
        let models = self.shared.models.iter().copied();
        for model in models.filter(|model| is_told_by(model, &parent.object)) {
            self.bind(model, &claim.scope).await?;
            let (scope, store) = (&claim.scope, self.shared.syncer.store());
            let parent = (parent.object.as_str(), parent.id.as_str());
            let ids = children_of(reader, store, scope, model, parent).await?;
            subjects.extend(ids.into_iter().map(|id| Subject {
                object: model.object().to_owned(),
                id,
            }));
        }
        if subjects.is_empty() {
            return Ok(());
        }
        subjects.sort_unstable();
        subjects.dedup();
        let store = self.shared.syncer.store();
        Ok(store.notice_objects(&claim.scope, &subjects).await?)
    }

    /// Remembers a child that failed for the last time: no event of it is there to be a dead letter.
    pub(super) async fn remember_failed_child(
        &self,
        claim: &Claim,
        reason: &str,
    ) -> Result<(), SyncError> {
        let models = self.shared.models.iter().copied();
        for model in models.filter(|model| model.object() == claim.subject.object) {
            let failure = Failure {
                id: claim.subject.id.clone(),
                column: None,
                reason: reason.to_owned(),
            };
            let store = self.shared.syncer.store();
            store.record_failed(model, &claim.scope, &[failure]).await?;
        }
        Ok(())
    }

    /// Who reads for a claimed object: as the connected account, if it is not the key's own.
    pub(super) fn reader<'a>(
        &'a self,
        claim: &'a Claim,
        own: &crate::store::Scope,
        meter: &'a crate::client::Meter,
    ) -> Reader<'a> {
        let account = claim.scope.account.as_str();
        Reader {
            stripe: self.shared.syncer.stripe(),
            meter,
            account: (account != own.account).then_some(account),
        }
    }
}
