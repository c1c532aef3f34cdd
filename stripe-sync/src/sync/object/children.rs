//! Children that have no events of their own: events of the parent that shows them tell of them, and its list and the table
//! say which they are.

use stripe_sync_schema::catalogue::{self, Recipe, Resource, Summary};

use crate::model::{Column, Model};

use crate::sync::error::SyncError;
use crate::sync::list::plan::{of_parent, resource};
use crate::sync::list::{Page, Pager, Query};
use crate::sync::object::ModelRun;
use crate::sync::object::parents::text_column;

/// Whose events tell of a model's objects in their stead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CoveringParent {
    /// The object that the events carry: the parent, or what sums up the parent's list.
    pub(crate) object: &'static str,
    /// The types of the events.
    pub(crate) events: &'static [&'static str],
    /// Those of a parent that was deleted.
    pub(crate) deleted_events: &'static [&'static str],
    /// The member of the object that names the parent; `None` if the object is the parent.
    pub(crate) member: Option<&'static str>,
    /// Whether the parent's list is read and written as a whole, and not object by object.
    pub(crate) is_set: bool,
    /// The resource of the parent, which lists the model's objects.
    pub(crate) parent: &'static str,
}

/// The covering parent of a model's objects that is this object.
#[cfg(feature = "live")]
pub(crate) fn covering_parent(model: &'static Model, object: &str) -> Option<CoveringParent> {
    covered_by(model)
        .into_iter()
        .find(|covering_parent| covering_parent.object == object)
}

/// Whose events alone tell of a model's objects; none if these have events of their own.
pub(crate) fn covered_by(model: &'static Model) -> Vec<CoveringParent> {
    let Some(resource) = resource(model) else {
        return Vec::new();
    };
    let named = model.parts.declared.parent;
    let Some(parent) = named.and_then(|parent| catalogue::resource(parent.object)) else {
        return covering_parents(resource);
    };
    // Of objects with events of their own these tell, unless the parent takes them with it.
    let has_events = !resource.events.is_empty() || !resource.deleted_events.is_empty();
    let summary = resource.summary.as_ref();
    let summary = summary.filter(|summary| summary.parent == parent.object);
    let events: &'static [&'static str] = match has_events || summary.is_some() {
        true => &[],
        false => &parent.events,
    };
    let of_parent = CoveringParent {
        object: parent.object,
        events,
        deleted_events: &parent.deleted_events,
        member: None,
        is_set: true,
        parent: parent.object,
    };
    let of_summary = summary.map(|summary| CoveringParent {
        is_set: true,
        ..covering_summary(summary)
    });
    [of_parent].into_iter().chain(of_summary).collect()
}

/// Of objects of which an event tells that sums up their parent's list.
fn covering_summary(summary: &'static Summary) -> CoveringParent {
    CoveringParent {
        object: summary.object,
        events: &summary.events,
        deleted_events: &[],
        member: Some(summary.member),
        is_set: false,
        parent: summary.parent,
    }
}

impl CoveringParent {
    /// Whether an event of this type tells of the objects.
    #[cfg(feature = "live")]
    pub(crate) fn is_told_by(&self, kind: &str) -> bool {
        self.events.contains(&kind) || self.deleted_events.contains(&kind)
    }
}

fn covering_parents(child: &'static Resource) -> Vec<CoveringParent> {
    let mut covering_parents = Vec::new();
    for recipe in &child.recipes {
        if let Recipe::PerParent { parent, .. } = recipe
            && name_of(parent, child).is_some()
            && let Some(parent) = catalogue::resource(parent)
        {
            covering_parents.push(CoveringParent {
                object: parent.object,
                events: &parent.events,
                deleted_events: &parent.deleted_events,
                member: None,
                is_set: false,
                parent: parent.object,
            });
        }
    }
    covering_parents.extend(child.summary.as_ref().map(covering_summary));
    covering_parents
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

/// The objects whose lists show a model's objects; none if these have a list of their own.
pub(crate) fn parents_that_list(model: &'static Model) -> Vec<&'static str> {
    let recipes = resource(model).map(|resource| &*resource.recipes);
    let parents = recipes
        .unwrap_or_default()
        .iter()
        .map(|recipe| match recipe {
            Recipe::PerParent { parent, .. } => Some(*parent),
            _ => None,
        });
    parents.collect::<Option<Vec<_>>>().unwrap_or_default()
}

/// The column that names the parent, if the model has one and its rows can be asked for by it.
fn column_of(model: &'static Model, parent: &str) -> Option<&'static Column> {
    let name = name_of(parent, resource(model)?)?;
    text_column(model, name).filter(|_| !model.parts.unversioned)
}

/// The children of a parent.
#[derive(Debug)]
pub(crate) struct Children {
    /// Those that Stripe lists, and those that the table has, which may be gone at Stripe.
    pub(crate) ids: Vec<String>,
    /// Those of them that are remembered as the parent's and that Stripe does not list any more: to be forgotten once the
    /// ids are read.
    pub(crate) left: Vec<String>,
}

/// The children of the parent that a covering parent's object names.
///
/// # Errors
/// When Stripe refuses or cannot be reached, or the database fails.
pub(crate) async fn children_of(
    run: &ModelRun<'_>,
    covering_parent: CoveringParent,
    id: &str,
) -> Result<Children, SyncError> {
    let (store, model, scope) = (run.store(), run.model, &run.scope);
    let mut ids = ids_of_parent(run, covering_parent.parent, id).await?;
    let mut left = Vec::new();
    if covering_parent.member.is_some() {
        left = store.children(model, scope, id).await?;
        left.retain(|known| !ids.contains(known));
        // Before they are read, and so before any of them has a row.
        store.know_children(model, scope, id, &ids).await?;
        ids.extend_from_slice(&left);
    } else if let Some(column) = column_of(model, covering_parent.parent) {
        ids.extend(store.rows_of_parent(model, scope, column, id).await?);
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(Children { ids, left })
}

/// The parent that a list of a model's objects is of, if they do not name it themselves.
pub(crate) fn unnamed_parent<'q>(model: &'static Model, query: &'q Query) -> Option<&'q str> {
    let summary = resource(model)?.summary.as_ref()?;
    let mut query = query.iter();
    let of = query.find(|(name, _)| name == summary.member);
    of.map(|(_, parent)| parent.as_str())
}

/// The parent whose list shows a model's objects, where the struct has a column for it.
pub(crate) fn owner(model: &'static Model, pager: &Pager) -> Option<String> {
    let declared = model.parts.declared.parent?;
    let listed = pager.parent.as_ref();
    let listed = listed.filter(|(object, _)| *object == declared.object);
    let named = || unnamed_parent(model, &pager.query);
    let id = listed.map(|(_, id)| id.as_str()).or_else(named);
    id.map(str::to_owned)
}

/// The ids of a model's objects that a parent lists; none if the parent is gone.
async fn ids_of_parent(
    run: &ModelRun<'_>,
    parent: &str,
    id: &str,
) -> Result<Vec<String>, SyncError> {
    let mut found = Vec::new();
    let filters = run.model.parts.filters;
    let lists = resource(run.model).map(|resource| of_parent(resource, filters, parent, id));
    for mut list in lists.unwrap_or_default() {
        loop {
            let response = match list.fetch(&run.reader).await {
                Err(SyncError::Stripe(error)) if error.names_missing() => break,
                answer => answer?,
            };
            let page = Page::of(&list.path, &response)?;
            found.extend(page.ids());
            if list.turn(page.ids().collect(), None, page.has_more)? {
                break;
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_without_events_are_told_by_who_shows_them() {
        let resources = catalogue::resources().iter();
        let told: Vec<_> = resources
            .flat_map(|child| {
                let covering_parents = covering_parents(child).into_iter();
                covering_parents.map(|covering_parent| {
                    (child.object, covering_parent.object, covering_parent.member)
                })
            })
            .collect();
        assert_eq!(
            told,
            [
                (
                    "entitlements.active_entitlement",
                    "entitlements.active_entitlement_summary",
                    Some("customer")
                ),
                ("subscription_item", "subscription", None)
            ]
        );
    }
}
