//! The event types that models need.

use std::collections::BTreeSet;

use stripe_sync_schema::catalogue;

use crate::model::Model;

/// The types of all events that tell of changes to the objects of these models, in order and once each.
///
/// These are the events that carry the object itself; those of a parent that shows the object in a list of its own: a change of
/// a subscription item is told by its subscription's events only; those that sum up a parent's list, as of a customer's
/// entitlements; those of what is part of the object, as a customer's discount; and for rows that name their parent, those of a
/// parent that takes them along. The models of children count as if they were named. The answer is empty for objects that no
/// event speaks of (balance transactions); they are found by reading.
pub fn event_types(models: &[&'static Model]) -> Vec<&'static str> {
    let mut types = BTreeSet::new();
    let children = models.iter().flat_map(|model| model.descendants());
    for model in children.chain(models.iter().copied()) {
        let own = catalogue::resource(model.object()).into_iter();
        let parents = catalogue::resources().iter().filter(|parent| {
            parent
                .embedded
                .iter()
                .any(|list| list.inline && list.items.contains(&model.object()))
        });
        let named = model.parts.declared.parent;
        if let Some(parent) = named.and_then(|parent| catalogue::resource(parent.object)) {
            types.extend(&parent.deleted_events);
            if own.clone().all(|resource| resource.events.is_empty()) {
                types.extend(&parent.events);
            }
        }
        for resource in own.clone() {
            types.extend(&resource.mentions);
            types.extend(resource.summary.iter().flat_map(|summary| &summary.events));
        }
        for resource in own.chain(parents) {
            types.extend(resource.events.iter().chain(&resource.deleted_events));
        }
    }
    types.into_iter().copied().collect()
}
