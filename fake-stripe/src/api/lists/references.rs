//! Filters whose value is an id: Stripe refuses one that names nothing.

use stripe_sync_schema::catalogue::{DeletedForm, Recipe};
use stripe_sync_schema::fields::{self, Kind, Step};

use crate::api::auth::Caller;
use crate::api::errors::ApiError;
use crate::api::lists::filters::{Query, Test, Wanted};
use crate::api::router::ListRoute;
use crate::data::collection::Collection;
use crate::data::index::{ResourceIndex, resource_index};
use crate::data::partition::Partition;

/// Parameters that no member of the same name explains: (listed object, parameter, what it is the id of).
const TARGETS: [(&str, &str, &str); 4] = [
    ("subscription", "price", "price"),
    ("subscription", "plan", "plan"),
    ("invoice", "subscription", "subscription"),
    ("promotion_code", "coupon", "coupon"),
];

/// Refuses filters that name an object that is not there.
pub(super) fn check(
    partition: &Partition,
    caller: &Caller,
    route: &ListRoute,
    indexes: &[&'static ResourceIndex],
    query: &Query,
) -> Result<(), ApiError> {
    for wanted in &query.wanted {
        let (Test::Any(ids), targets) = (&wanted.test, targets(route, wanted)) else {
            continue;
        };
        let param = match wanted.index_key.contains('[') {
            true => &wanted.index_key,
            false => &wanted.param,
        };
        let name = match targets.as_slice() {
            [] => continue,
            [one] => one,
            // Of what can be one of several, only the parameter has a name.
            _ => &*wanted.param,
        };
        for id in ids {
            if id.is_empty() {
                return Err(ApiError::empty_parameter(param));
            }
            let is_known = targets.iter().any(|target| is_known(partition, target, id));
            if !is_known && !is_named(partition, indexes, wanted, id) {
                let mode = caller.scope.mode;
                return Err(ApiError::no_such_parameter(name, id, param, mode));
            }
        }
    }
    Ok(())
}

/// The objects that a parameter can be the id of; none if it is no id.
fn targets(route: &ListRoute, wanted: &Wanted) -> Vec<&'static str> {
    let param = &*wanted.param;
    let mut recipes = route.objects.iter().flat_map(|resource| &resource.recipes);
    let walked = recipes.find_map(|recipe| match recipe {
        Recipe::PerParent {
            parent,
            param: Some(name),
            ..
        } if *name == param => Some(*parent),
        _ => None,
    });
    if let Some(parent) = walked {
        return vec![parent];
    }
    for resource in &route.objects {
        let mut listed = TARGETS.iter();
        let listed = listed.find(|(of, name, _)| (*of, *name) == (resource.object, param));
        if let Some((_, _, target)) = listed {
            return vec![target];
        }
        let path: Vec<Step<'_>> = wanted
            .index_key
            .split('[')
            .map(|part| Step::Key(part.trim_end_matches(']')))
            .collect();
        match fields::resolve(resource.object, &path) {
            Ok(field) if matches!(field.kind, Kind::Reference | Kind::Resource) => {
                return field.targets;
            }
            _ => {}
        }
    }
    Vec::new()
}

/// Whether an object of this name and id is there. Of one that cannot be stored nobody can say that it is not.
pub(super) fn is_there(partition: &Partition, object: &str, id: &str) -> bool {
    if resource_index(object).is_none() {
        return true;
    }
    let collection = partition.collection(object);
    collection.is_some_and(|collection| collection.get(id).is_some())
}

/// As [`is_there`]; what a deleted customer left can still be listed.
fn is_known(partition: &Partition, object: &str, id: &str) -> bool {
    if object == "account" && id == partition.scope.account {
        return true;
    }
    let leaves_stub = |collection: &Collection| {
        collection.index.resource.deleted == DeletedForm::Stub && collection.is_gone(id)
    };
    is_there(partition, object, id) || partition.collection(object).is_some_and(leaves_stub)
}

/// Whether an object of the list names this id: then a test speaks of something that it did not store.
fn is_named(
    partition: &Partition,
    indexes: &[&'static ResourceIndex],
    wanted: &Wanted,
    id: &str,
) -> bool {
    indexes.iter().any(|index| {
        let Some(collection) = partition.collection(index.object) else {
            return false;
        };
        let key = index.key(&wanted.index_key);
        let positions = key.and_then(|key| collection.positions(key, id));
        positions.is_some_and(|positions| !positions.is_empty())
    })
}
