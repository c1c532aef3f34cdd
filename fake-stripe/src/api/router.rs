//! Paths of the catalogue and what they mean.

use std::collections::HashMap;
use std::sync::LazyLock;

use stripe_sync_schema::catalogue::{self, List, Resource};

use crate::api::thin_events;
use crate::params::decode;

/// What a path asks for.
#[derive(Debug)]
pub(crate) enum Target {
    /// `/v1/account`: the caller's account.
    OwnAccount,
    /// A list, account-wide or under a parent.
    List(ListRoute),
    /// One object by its id.
    Object(&'static Resource),
    /// `/v2/core/events`
    ThinEvents,
    /// `/v2/core/events/{id}`
    ThinEvent,
    /// One object by its id, under its parent (`/v1/customers/{id}/tax_ids/{id}`).
    Child(ListRoute),
}

/// A list and the objects that it may hold.
#[derive(Debug, Clone)]
pub(crate) struct ListRoute {
    pub(crate) list: &'static List,
    pub(crate) objects: Vec<&'static Resource>,
}

/// A path template with its meaning.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// `/v1/customers/{id}`.
    pub(crate) template: String,
    pub(crate) target: Target,
    segments: Vec<String>,
}

/// An endpoint, and the ids in the path.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) endpoint: &'static Endpoint,
    pub(crate) ids: Vec<String>,
}

/// All endpoints by the number of their segments; those without an id come first.
static ENDPOINTS: LazyLock<HashMap<usize, Vec<Endpoint>>> = LazyLock::new(|| {
    let mut lists: HashMap<&'static str, ListRoute> = HashMap::new();
    let mut all = vec![
        Endpoint::new("/v1/account".to_owned(), Target::OwnAccount),
        Endpoint::new(thin_events::PATH.to_owned(), Target::ThinEvents),
        Endpoint::new(format!("{}/{{id}}", thin_events::PATH), Target::ThinEvent),
    ];
    for resource in catalogue::resources() {
        for list in resource.list.iter().chain(&resource.nested) {
            lists
                .entry(list.path)
                .or_insert_with(|| ListRoute {
                    list,
                    objects: Vec::new(),
                })
                .objects
                .push(resource);
        }
        if let Some(path) = resource.retrieve {
            all.push(Endpoint::new(path.to_owned(), Target::Object(resource)));
        }
    }
    for route in lists.into_values() {
        if route.list.parent.is_some() {
            all.push(Endpoint::new(
                format!("{}/{{id}}", route.list.path),
                Target::Child(route.clone()),
            ));
        }
        all.push(Endpoint::new(
            route.list.path.to_owned(),
            Target::List(route),
        ));
    }
    let mut by_length: HashMap<usize, Vec<Endpoint>> = HashMap::new();
    for endpoint in all {
        by_length
            .entry(endpoint.segments.len())
            .or_default()
            .push(endpoint);
    }
    for endpoints in by_length.values_mut() {
        endpoints.sort_by_key(|endpoint| {
            endpoint
                .segments
                .iter()
                .filter(|segment| is_id(segment))
                .count()
        });
    }
    by_length
});

impl Endpoint {
    fn new(template: String, target: Target) -> Self {
        let segments = template.split('/').map(str::to_owned).collect();
        Self {
            template,
            target,
            segments,
        }
    }

    fn matches(&self, path: &[&str]) -> bool {
        self.segments.iter().zip(path).all(|(segment, part)| {
            if is_id(segment) {
                !part.is_empty()
            } else {
                segment == part
            }
        })
    }
}

fn is_id(segment: &str) -> bool {
    segment.starts_with('{')
}

/// The endpoint of a path.
pub(crate) fn route(path: &str) -> Option<Route> {
    let parts: Vec<&str> = path.split('/').collect();
    let endpoint = ENDPOINTS
        .get(&parts.len())?
        .iter()
        .find(|endpoint| endpoint.matches(&parts))?;
    let ids = endpoint
        .segments
        .iter()
        .zip(parts)
        .filter(|(segment, _)| is_id(segment))
        .map(|(_, part)| decode(part))
        .collect();
    Some(Route { endpoint, ids })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_and_ids() {
        let target =
            |path: &str| route(path).map(|route| (route.endpoint.template.as_str(), route.ids));
        assert_eq!(target("/v1/account"), Some(("/v1/account", vec![])));
        assert_eq!(target("/v1/customers"), Some(("/v1/customers", vec![])));
        assert_eq!(
            target("/v1/coupons/50%25"),
            Some(("/v1/coupons/{id}", vec!["50%".to_owned()]))
        );
        let child = target("/v1/customers/cus_1/tax_ids/txi_1");
        assert_eq!(
            child,
            Some((
                "/v1/customers/{id}/tax_ids/{id}",
                vec!["cus_1".to_owned(), "txi_1".to_owned()]
            ))
        );
        assert_eq!(target("/v1/custmers"), None);
        assert_eq!(target("/v1/customers/"), None);
    }

    #[test]
    fn a_list_with_several_kinds_knows_them_all() {
        let Some(Route {
            endpoint:
                Endpoint {
                    target: Target::List(list),
                    ..
                },
            ..
        }) = route("/v1/customers/cus_1/sources")
        else {
            panic!("no list of sources");
        };
        let mut objects: Vec<_> = list
            .objects
            .iter()
            .map(|resource| resource.object)
            .collect();
        objects.sort_unstable();
        assert!(
            objects.contains(&"card") && objects.contains(&"bank_account"),
            "{objects:?}"
        );
    }
}
