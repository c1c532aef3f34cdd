//! Children that have no events of their own: events of the parent that shows them tell of them, and its list and the table
//! say which they are.

use stripe_sync_schema::catalogue::{self, Recipe, Resource};

use crate::cell::CellType;
use crate::model::{Column, Model, Role};

use super::SyncError;
use super::page::Page;
use super::recipes::of_parent;
use super::retrieve::resource;
use super::run::Run;

/// Whether a model's objects are children that only events of this resource tell of.
pub(crate) fn is_told_by(model: &'static Model, parent: &str) -> bool {
    resource(model).is_some_and(|child| name_of(parent, child).is_some())
}

/// The resources whose events alone tell of a model's objects; none if these have events of their own.
pub(crate) fn told_by(model: &'static Model) -> Vec<&'static Resource> {
    let mut parents = Vec::new();
    for recipe in resource(model).into_iter().flat_map(|child| &child.recipes) {
        if let Recipe::PerParent { parent, .. } = recipe
            && is_told_by(model, parent)
        {
            parents.extend(catalogue::resource(parent));
        }
    }
    parents
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
    let name = name_of(parent, resource(model)?)?;
    let mut columns = model.columns().iter();
    columns
        .find(|column| {
            column.role == Role::Mapped
                && column.path == name
                && column.cell == Some(CellType::Text)
        })
        .filter(|_| !model.parts.unguarded)
}

/// The ids of a parent's children: those that Stripe lists, and those that the table has, which may be gone at Stripe.
///
/// # Errors
/// When Stripe refuses or cannot be reached, or the database fails.
pub(crate) async fn children_of(
    run: &Run<'_>,
    parent: &str,
    id: &str,
) -> Result<Vec<String>, SyncError> {
    let mut ids = ids_of_parent(run, parent, id).await?;
    if let Some(column) = column_of(run.model, parent) {
        let rows = run
            .store()
            .rows_of_parent(run.model, &run.scope, column, id);
        ids.extend(rows.await?);
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// The ids of a model's objects that a parent lists; none if the parent is gone.
async fn ids_of_parent(run: &Run<'_>, parent: &str, id: &str) -> Result<Vec<String>, SyncError> {
    let mut found = Vec::new();
    let filters = run.model.parts.filters;
    let lists = resource(run.model).map(|resource| of_parent(resource, filters, parent, id));
    for mut list in lists.unwrap_or_default() {
        loop {
            let response = match run.reader().get(list.request()).await {
                Ok(response) => response,
                Err(error) if error.missing_param() == Some("starting_after") => {
                    list.fall_back()?;
                    continue;
                }
                Err(error) if error.is_missing() => break,
                Err(error) => return Err(error.into()),
            };
            let page = Page::of(&list.path, &response)?;
            found.extend(page.ids());
            if !page.has_more {
                break;
            }
            list.go_on(page.ids())?;
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
