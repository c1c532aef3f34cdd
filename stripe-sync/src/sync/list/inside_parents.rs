//! Objects that are read in pages of their parents, where they stand in lists of these.

use stripe_sync_schema::catalogue::{self, Embedded, Recipe, Resource};

use crate::model::Model;

use crate::sync::list::pager::ElementList;
use crate::sync::list::plan::pagers_of;
use crate::sync::list::{ListTarget, Pager, Query};

/// The lists of parents, where these show all objects of a child model in lists of their own: no list of each parent is asked
/// for.
pub(super) fn inside_parents(
    model: &'static Model,
    resource: &'static Resource,
    livemode: bool,
) -> Option<Vec<Pager>> {
    if model.parts.declared.parent.is_none() || !model.parts.filters.is_empty() {
        return None;
    }
    let mut pagers = Vec::new();
    for recipe in &resource.recipes {
        let Recipe::PerParent { parent, path, .. } = recipe else {
            return None;
        };
        let parent = catalogue::resource(parent)?;
        let list = shown_in(parent, path, resource.object)?;
        let target = ListTarget::Elements(list);
        pagers.extend(pagers_of(parent, &Query::new(), livemode, &target));
    }
    (!pagers.is_empty()).then_some(pagers)
}

/// The list inside a parent that is the one at a path, and shows objects of this name.
fn shown_in(parent: &'static Resource, path: &str, object: &str) -> Option<ElementList> {
    let mut lists = parent.embedded.iter();
    let is = |list: &&Embedded| list.list == Some(path) && list.items.contains(&object);
    lists.find(is).map(|list| ElementList {
        member: list.field,
        inline: list.inline,
    })
}
