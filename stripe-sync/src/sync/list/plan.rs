//! Which lists, together, show every object of a resource: the list plans of the catalogue as cursor pagers.

use std::sync::Arc;

use stripe_sync_schema::catalogue::{
    self, BOUNDS, Filter as Known, FilterForm, List, Recipe, Resource,
};

use crate::model::{Filter, Model};
use crate::sync::error::SyncError;
use crate::sync::list::inside_parents::inside_parents;
use crate::sync::list::pager::ChildList;
use crate::sync::list::{ListTarget, Pager, Query};

/// The list of Stripe's test clocks, which hides nothing.
const TEST_CLOCKS: &str = "/v1/test_helpers/test_clocks";

/// The facts about a model's resource.
pub(crate) fn resource(model: &'static Model) -> Option<&'static Resource> {
    catalogue::resource(model.object())
}

/// The lists that show every object of a model.
///
/// # Errors
/// When there are none.
pub(crate) fn lists(model: &'static Model, livemode: bool) -> Result<Vec<Pager>, SyncError> {
    resource(model)
        .map(|resource| match inside_parents(model, resource, livemode) {
            Some(pagers) => pagers,
            None => pagers(resource, model.parts.filters, livemode),
        })
        .map(|pagers| pagers.into_iter().map(|pager| pager.expanding(model)))
        .map(Iterator::collect::<Vec<_>>)
        .filter(|pagers| !pagers.is_empty())
        .ok_or(SyncError::NotListable {
            model: model.name(),
            object: model.object(),
        })
}

/// The pagers of a resource under the user's filters, or none if no list plan shows its objects. A filter is sent to lists that
/// take it; those that do not take all of them are left out: the filtered objects are in the others.
fn pagers(resource: &'static Resource, filters: &[Filter], livemode: bool) -> Vec<Pager> {
    let own = owned(filters.iter());
    let sets = |name: &str| own.iter().any(|(own, _)| base(own) == name);
    let has_required = |list: &List| {
        let mut required = list.filters.iter().filter(|filter| filter.required);
        required.all(|filter| own.iter().any(|(own, _)| *own == filter.param(None)))
    };
    let requires = |list: &List| list.filters.iter().any(|filter| filter.required);

    // A filter that sets what a list plan would vary, or what the list requires, makes one plain list of it.
    let walked = resource.walked().into_iter();
    let mut of_account = walked.filter(|list| list.parent.is_none() && takes_all(list, &own));
    if let Some(list) = of_account.next() {
        let varied = resource.recipes.iter().any(|recipe| match recipe {
            Recipe::PerTestClock { param, .. }
            | Recipe::PerTestClockCustomer { param, .. }
            | Recipe::PerParent {
                param: Some(param), ..
            } => sets(param),
            _ => false,
        });
        if varied || (requires(list) && has_required(list)) {
            let base = resource.recipes.iter().find_map(|recipe| match recipe {
                Recipe::Query(query) => Some(query.as_slice()),
                _ => None,
            });
            let query = merged(base.unwrap_or_default(), &own);
            return vec![Pager::new(
                (list.path, list.paginated),
                query,
                ListTarget::Rows,
            )];
        }
    }
    if resource.recipes.is_empty() {
        // A nested list once for each object that holds it.
        let nested = resource.nested.iter();
        let walkable =
            nested.filter(|list| list.is_walkable() && takes_all(list, &own) && has_required(list));
        let held = walkable.filter_map(|list| Some((list, catalogue::resource(list.parent?)?)));
        return held
            .flat_map(|(list, parent)| {
                let below = below(list, (list.parent, None), own.clone(), ListTarget::Rows);
                let below = parents(below);
                pagers_of(parent, &Query::new(), livemode, &below)
            })
            .collect();
    }

    let mut pagers: Vec<Pager> = Vec::new();
    for pager in pagers_of(resource, &own, livemode, &ListTarget::Rows) {
        let twice = pagers.iter().any(|known| {
            known.path == pager.path && known.query == pager.query && known.is_of_rows()
        });
        if !(twice && pager.is_of_rows()) {
            pagers.push(pager);
        }
    }
    pagers
}

/// A list below each parent.
fn below(
    list: &List,
    (of, param): (Option<&'static str>, Option<&'static str>),
    query: Query,
    target: ListTarget,
) -> ChildList {
    ChildList {
        of,
        path: list.path,
        param,
        query,
        paginated: list.paginated,
        target,
    }
}

/// The lists of a resource's objects that belong to one parent; none where such parents have none, or the user's filter
/// names another one.
pub(crate) fn of_parent(
    resource: &'static Resource,
    filters: &[Filter],
    parent: &str,
    id: &str,
) -> Vec<Pager> {
    let mut pagers = Vec::new();
    for recipe in &resource.recipes {
        if let Recipe::PerParent {
            parent: listed_by,
            param,
            query,
            ..
        } = recipe
            && *listed_by == parent
        {
            let of_another = |filter: &Filter| Some(filter.param) == *param && filter.value != id;
            if filters.iter().any(of_another) {
                continue;
            }
            let own = owned(filters.iter().filter(|filter| Some(filter.param) != *param));
            if let Some(list) = list_of(resource, recipe).filter(|list| takes_all(list, &own)) {
                let query = merged(query, &own);
                let of = (Some(*listed_by), *param);
                let template = below(list, of, query, ListTarget::Rows);
                pagers.push(template.pager(id));
            }
        }
    }
    pagers
}

/// The list of a resource that a recipe reads. A test of the catalogue says that each has one.
fn list_of(resource: &'static Resource, recipe: &Recipe) -> Option<&'static List> {
    let mut lists = resource.nested.iter().chain(&resource.list);
    match recipe {
        Recipe::PerParent { path, .. } => lists.find(|list| list.path == *path),
        _ => resource.list.as_ref(),
    }
}

/// Whether a list takes each of the user's parameters.
fn takes_all(list: &List, own: &Query) -> bool {
    own.iter().all(|(param, _)| takes(list, param))
}

/// Whether a list takes a parameter, in the form in which Stripe writes it.
fn takes(list: &List, param: &str) -> bool {
    let is = |filter: &Known| {
        let bounds = BOUNDS.into_iter().map(Some);
        let bounds = bounds.filter(|_| filter.form == FilterForm::Range);
        bounds
            .chain([None])
            .any(|bound| filter.param(bound) == param)
    };
    list.filters.iter().any(is) || (list.created_filter && is(&Known::created()))
}

/// A parameter without brackets.
fn base(param: &str) -> &str {
    param.split('[').next().unwrap_or(param)
}

fn owned<'f>(filters: impl Iterator<Item = &'f Filter>) -> Query {
    let pair = |filter: &Filter| (filter.param.to_owned(), filter.value.to_owned());
    filters.map(pair).collect()
}

/// A list plan's parameters, with the user's in place of those of the same name.
fn merged(recipe: &[(&str, &str)], own: &Query) -> Query {
    let set = |name: &str| own.iter().any(|(set, _)| set == name);
    let recipe = recipe.iter().filter(|(name, _)| !set(name));
    let mut query: Query = recipe
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    query.extend_from_slice(own);
    query
}

fn parents(below: ChildList) -> ListTarget {
    ListTarget::Parents(Arc::new(below))
}

pub(super) fn pagers_of(
    resource: &'static Resource,
    own: &Query,
    livemode: bool,
    target: &ListTarget,
) -> Vec<Pager> {
    let clocks = |below| Pager::new((TEST_CLOCKS, true), Query::new(), parents(below));
    let mut pagers = Vec::new();
    for recipe in &resource.recipes {
        let Some(list) = list_of(resource, recipe).filter(|list| takes_all(list, own)) else {
            continue;
        };
        let own_list =
            |of, param, query| below(list, (of, param), merged(query, own), target.clone());
        match recipe {
            Recipe::Query(query) => {
                let query = merged(query, own);
                let sliced = list.created_filter
                    && list.paginated
                    && !matches!(target, ListTarget::Parents(_))
                    && !query.iter().any(|(name, _)| name.starts_with("created"));
                let mut pager = Pager::new((list.path, list.paginated), query, target.clone());
                pager.created = resource.created.filter(|_| sliced);
                pagers.push(pager);
            }
            // Live accounts have no test clocks, and asking for them is an error there.
            Recipe::PerTestClock { param, query } if !livemode => {
                pagers.push(clocks(own_list(None, Some(*param), query)));
            }
            Recipe::PerTestClockCustomer { param, query } if !livemode => {
                pagers.push(clocks(ChildList {
                    of: None,
                    path: "/v1/customers",
                    param: Some("test_clock"),
                    query: Query::new(),
                    paginated: true,
                    target: parents(own_list(None, Some(*param), query)),
                }));
            }
            Recipe::PerParent {
                parent,
                param,
                query,
                ..
            } => {
                if let Some(parent) = catalogue::resource(parent) {
                    let below = parents(own_list(Some(parent.object), *param, query));
                    pagers.extend(pagers_of(parent, &Query::new(), livemode, &below));
                }
            }
            _ => {}
        }
    }
    pagers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FilterSort;

    fn requests(
        object: &str,
        filters: &[(&'static str, &'static str)],
        livemode: bool,
    ) -> Vec<String> {
        let filter = |&(param, value)| Filter {
            param,
            value,
            sort: FilterSort::List,
        };
        let filters: Vec<Filter> = filters.iter().map(filter).collect();
        let filters = filters.as_slice();
        pagers(catalogue::resource(object).unwrap(), filters, livemode)
            .iter()
            .map(|pager| {
                let request = pager.request();
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

    #[test]
    fn filters_are_sent_as_stripe_writes_them() {
        assert_eq!(
            requests(
                "price",
                &[("active", "true"), ("recurring[interval]", "month")],
                true
            ),
            ["/v1/prices?active=true&recurring[interval]=month&limit=100"]
        );
        assert_eq!(
            requests("apps.secret", &[("scope[type]", "account")], true),
            ["/v1/apps/secrets?scope[type]=account&limit=100"]
        );
        assert!(requests("apps.secret", &[], true).is_empty());
    }

    #[test]
    fn filters_are_sent_to_lists_that_take_them() {
        assert_eq!(
            requests("tax_id", &[("owner[type]", "self")], true),
            ["/v1/tax_ids?owner[type]=self&limit=100"]
        );
        assert_eq!(requests("tax_id", &[], true).len(), 2);
        // The list that takes `invoice` computes a preview.
        assert!(requests("credit_note_line_item", &[("invoice", "in_1")], true).is_empty());
    }

    #[test]
    fn a_nested_list_is_walked_with_what_it_requires() {
        let summaries = [
            ("customer", "cus_1"),
            ("end_time", "7200"),
            ("start_time", "3600"),
        ];
        assert_eq!(
            requests("billing.meter_event_summary", &summaries, true),
            ["/v1/billing/meters?limit=100"]
        );
        assert!(requests("billing.meter_event_summary", &summaries[..2], true).is_empty());
    }

    #[test]
    fn a_list_with_bounds_of_the_users_own_is_one_chain() {
        let filters = [catalogue::Filter::created().param(Some("gte"))];
        assert_eq!(filters, ["created[gte]"]);
        let filters = [Filter {
            param: "created[gte]",
            value: "5",
            sort: FilterSort::List,
        }];
        let pagers = pagers(catalogue::resource("charge").unwrap(), &filters, true);
        assert_eq!(pagers.len(), 1);
        assert_eq!(pagers[0].created, None);
    }
}
