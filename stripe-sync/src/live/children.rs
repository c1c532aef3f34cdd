//! Children that have no events of their own: an event of the parent that shows them in a list leads to them.

use stripe_sync_schema::catalogue::{self, Recipe, Resource};

use super::builder::Live;
use crate::cell::CellType;
use crate::model::{Column, Model, Role};
use crate::store::{Claim, Failure, Subject};
use crate::sync::SyncError;
use crate::sync::live::{Reader, ids_of_parent};

/// Whether a model's objects are children that only events of this resource tell of.
pub(super) fn is_told_by(model: &'static Model, parent: &str) -> bool {
    catalogue::resource(model.object()).is_some_and(|child| name_of(parent, child).is_some())
}

/// The name by which a child without events of its own names the parent that lists it and shows it; `None` if it is no
/// such child. What each is at Stripe is asked for by its id, so those without an endpoint for it are left to `sync_all`.
fn name_of(parent: &str, child: &'static Resource) -> Option<&'static str> {
    if !child.events.is_empty() || !child.deleted_events.is_empty() || child.retrieve.is_none() {
        return None;
    }
    // Value lists show their items and have no events either.
    let holder = catalogue::resource(parent).filter(|holder| !holder.events.is_empty())?;
    let mut shown = holder.embedded.iter();
    if !shown.any(|list| list.inline && list.items.contains(&child.object)) {
        return None;
    }
    child.recipes.iter().find_map(|recipe| match recipe {
        Recipe::PerParent {
            parent: listed_by,
            param,
            ..
        } if *listed_by == parent => param.or_else(|| listed_by.rsplit('.').next()),
        _ => None,
    })
}

/// The column that names the parent, if the model has one and its rows can be asked for by it.
fn column_of(model: &'static Model, parent: &str) -> Option<&'static Column> {
    let name = name_of(parent, catalogue::resource(model.object())?)?;
    let mut columns = model.columns().iter();
    columns
        .find(|column| {
            column.role == Role::Mapped
                && column.path == name
                && column.cell == Some(CellType::Text)
        })
        .filter(|_| !model.parts.unguarded)
}

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
            let mut ids = ids_of_parent(reader, model, &parent.object, &parent.id).await?;
            if let Some(column) = column_of(model, &parent.object) {
                let (scope, id) = (claim.scope.clone(), parent.id.clone());
                let store = self.shared.syncer.store();
                let stored = store.uncut(|store| async move {
                    store.rows_of_parent(model, &scope, column, &id).await
                });
                ids.extend(stored.await?);
            }
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
        let (scope, store) = (claim.scope.clone(), self.shared.syncer.store());
        store
            .uncut(|store| async move { store.notice_objects(&scope, &subjects).await })
            .await?;
        Ok(())
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
            let (scope, store) = (claim.scope.clone(), self.shared.syncer.store());
            store
                .uncut(|store| async move { store.record_failed(model, &scope, &[failure]).await })
                .await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_without_events_are_told_by_who_shows_them() {
        let resources = catalogue::resources().iter();
        let told: Vec<(&str, &str, &str)> = resources
            .flat_map(|parent| {
                let children = catalogue::resources().iter();
                children.filter_map(|child| {
                    Some((parent.object, child.object, name_of(parent.object, child)?))
                })
            })
            .collect();
        assert_eq!(
            told,
            [("subscription", "subscription_item", "subscription")]
        );
    }
}
