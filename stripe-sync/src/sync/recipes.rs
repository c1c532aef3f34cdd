//! Which lists, together, show every object of a resource: the recipes of the catalogue as cursor chains.

use std::sync::Arc;

use stripe_sync_schema::catalogue::{self, List, Recipe, Resource};

use super::SyncError;
use super::chain::{Chain, Query, Target, Template};
use super::retrieve::resource;
use crate::model::Model;

/// The list of Stripe's test clocks, which hides nothing.
const TEST_CLOCKS: &str = "/v1/test_helpers/test_clocks";

/// The lists that show every object of a model.
///
/// # Errors
/// When there are none.
pub(super) fn lists(model: &'static Model, livemode: bool) -> Result<Vec<Chain>, SyncError> {
    resource(model)
        .map(|resource| chains(resource, model.parts.filters, livemode))
        .filter(|chains| !chains.is_empty())
        .ok_or(SyncError::NotListable {
            model: model.name(),
            object: model.object(),
        })
}

/// The chains of a resource under the user's filters, or none if no recipe shows its objects.
fn chains(resource: &'static Resource, filters: &[(&str, &str)], livemode: bool) -> Vec<Chain> {
    let own = owned(filters.iter());
    let sets = |name: &str| own.iter().any(|(own, _)| own == name);

    // A filter that sets what a recipe would vary, or what the list requires, makes one plain list of it.
    if let Some(list) = &resource.list {
        let varied = resource.recipes.iter().any(|recipe| match recipe {
            Recipe::PerTestClock { param, .. }
            | Recipe::PerTestClockCustomer { param, .. }
            | Recipe::PerParent {
                param: Some(param), ..
            } => sets(param),
            _ => false,
        });
        let required = list.filters.iter().filter(|filter| filter.required);
        let satisfied =
            required.clone().count() > 0 && required.into_iter().all(|filter| sets(filter.name));
        if varied || satisfied {
            let base = resource.recipes.iter().find_map(|recipe| match recipe {
                Recipe::Query(query) => Some(query.as_slice()),
                _ => None,
            });
            let query = merged(base.unwrap_or_default(), &own);
            return vec![Chain::new((list.path, list.paginated), query, Target::Rows)];
        }
    }

    let mut chains: Vec<Chain> = Vec::new();
    for chain in recipes(resource, &own, livemode, &Target::Rows) {
        let twice = chains.iter().any(|known| {
            known.path == chain.path && known.query == chain.query && known.is_of_rows()
        });
        if !(twice && chain.is_of_rows()) {
            chains.push(chain);
        }
    }
    chains
}

/// The lists of a resource's objects that belong to one parent; none where such parents have none, or the user's filter
/// names another one.
pub(super) fn of_parent(
    resource: &'static Resource,
    filters: &[(&str, &str)],
    parent: &str,
    id: &str,
) -> Vec<Chain> {
    let mut chains = Vec::new();
    for recipe in &resource.recipes {
        if let Recipe::PerParent {
            parent: listed_by,
            path,
            param,
            query,
        } = recipe
            && *listed_by == parent
        {
            let of_another = |(name, value): &(&str, &str)| Some(*name) == *param && *value != id;
            if filters.iter().any(of_another) {
                continue;
            }
            let own = owned(filters.iter().filter(|(name, _)| Some(*name) != *param));
            let template = Template {
                path,
                param: *param,
                query: merged(query, &own),
                paginated: is_paginated(resource, path),
                target: Target::Rows,
            };
            chains.push(template.chain(id));
        }
    }
    chains
}

/// Whether a list of a resource has pages.
fn is_paginated(resource: &'static Resource, path: &str) -> bool {
    let mut lists = resource.nested.iter().chain(&resource.list);
    lists
        .find(|list| list.path == path)
        .is_none_or(|list| list.paginated)
}

fn owned<'f>(filters: impl Iterator<Item = &'f (&'f str, &'f str)>) -> Query {
    filters
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// A recipe's parameters, with the user's in place of those of the same name.
fn merged(recipe: &[(&str, &str)], own: &Query) -> Query {
    let set = |name: &str| own.iter().any(|(set, _)| set == name);
    let mut query = owned(recipe.iter().filter(|(name, _)| !set(name)));
    query.extend_from_slice(own);
    query
}

fn parents(below: Template) -> Target {
    Target::Parents(Arc::new(below))
}

fn recipes(
    resource: &'static Resource,
    own: &Query,
    livemode: bool,
    target: &Target,
) -> Vec<Chain> {
    let clocks = |below| Chain::new((TEST_CLOCKS, true), Query::new(), parents(below));
    let mut chains = Vec::new();
    for recipe in &resource.recipes {
        let own_list = |list: &List, param, query| Template {
            path: list.path,
            param: Some(param),
            query: merged(query, own),
            paginated: list.paginated,
            target: target.clone(),
        };
        match (recipe, &resource.list) {
            (Recipe::Query(query), Some(list)) => {
                let query = merged(query, own);
                let sliced = list.created_filter
                    && list.paginated
                    && matches!(target, Target::Rows)
                    && !query.iter().any(|(name, _)| name.starts_with("created"));
                let mut chain = Chain::new((list.path, list.paginated), query, target.clone());
                chain.created = resource.created.filter(|_| sliced);
                chains.push(chain);
            }
            // Live accounts have no test clocks, and asking for them is an error there.
            (Recipe::PerTestClock { param, query }, Some(list)) if !livemode => {
                chains.push(clocks(own_list(list, param, query)));
            }
            (Recipe::PerTestClockCustomer { param, query }, Some(list)) if !livemode => {
                chains.push(clocks(Template {
                    path: "/v1/customers",
                    param: Some("test_clock"),
                    query: Query::new(),
                    paginated: true,
                    target: parents(own_list(list, param, query)),
                }));
            }
            (
                Recipe::PerParent {
                    parent,
                    path,
                    param,
                    query,
                },
                _,
            ) => {
                let Some(parent) = catalogue::resource(parent) else {
                    continue;
                };
                let below = parents(Template {
                    path,
                    param: *param,
                    query: merged(query, own),
                    paginated: is_paginated(resource, path),
                    target: target.clone(),
                });
                chains.extend(recipes(parent, &Query::new(), livemode, &below));
            }
            _ => {}
        }
    }
    chains
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests(object: &str, filters: &[(&str, &str)], livemode: bool) -> Vec<String> {
        chains(catalogue::resource(object).unwrap(), filters, livemode)
            .iter()
            .map(|chain| {
                let request = chain.request();
                let query: Vec<_> = request
                    .query
                    .iter()
                    .map(|(n, v)| format!("{n}={v}"))
                    .collect();
                format!("{}?{}", request.path, query.join("&"))
            })
            .collect()
    }

    #[test]
    fn canceled_and_inactive_objects_are_asked_for() {
        assert_eq!(
            requests("subscription", &[], true),
            ["/v1/subscriptions?status=all&limit=100"]
        );
        assert_eq!(requests("price", &[], true).len(), 2);
        assert_eq!(
            requests("price", &[("active", "true")], true),
            ["/v1/prices?active=true&limit=100"]
        );
    }

    #[test]
    fn test_clocks_are_walked_in_test_mode_only() {
        assert_eq!(requests("customer", &[], true), ["/v1/customers?limit=100"]);
        assert_eq!(requests("customer", &[], false).len(), 2);
        assert_eq!(
            requests("customer", &[("test_clock", "clock_1")], false),
            ["/v1/customers?test_clock=clock_1&limit=100"]
        );
    }

    #[test]
    fn a_required_filter_makes_one_list() {
        assert_eq!(
            requests("subscription_item", &[("subscription", "sub_1")], true),
            ["/v1/subscription_items?subscription=sub_1&limit=100"]
        );
        assert_eq!(
            requests("subscription_item", &[], true),
            ["/v1/subscriptions?status=all&limit=100"]
        );
    }
}
