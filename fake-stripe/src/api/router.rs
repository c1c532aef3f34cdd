//! Paths of Stripe's API and what they mean.

mod paths;

use std::collections::HashMap;
use std::sync::LazyLock;

use stripe_sync_schema::catalogue::{self, List, Resource};

use crate::api::router::paths::Methods;
use crate::api::{search, thin_events};
use crate::data::unlisted;
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
    /// `/v1/customers/search`
    Search(&'static Resource),
    /// `/v1/balance`
    Balance,
    /// `/v1/customers/{id}/cash_balance`
    CashBalance,
    /// `/v1/tax/settings`
    TaxSettings,
    /// `/v1/files/{id}/contents`
    FileContents,
    /// Stripe has it, the fake has not.
    NotSimulated,
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
    methods: Methods,
    segments: Vec<String>,
}

/// An endpoint, and the ids in the path.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) endpoint: &'static Endpoint,
    pub(crate) ids: Vec<String>,
}

/// Lists that compute what they show from what the request says, so that there is nothing stored to show.
const COMPUTED: [&str; 1] = ["/v1/credit_notes/preview/lines"];

/// All endpoints by the number of their segments; those without an id come first.
static ENDPOINTS: LazyLock<HashMap<usize, Vec<Endpoint>>> = LazyLock::new(|| {
    let mut targets = targets();
    let mut by_length: HashMap<usize, Vec<Endpoint>> = HashMap::new();
    for (template, methods) in paths::all() {
        let target = targets.remove(&template).unwrap_or(Target::NotSimulated);
        let endpoint = Endpoint::new(template, target, methods);
        by_length
            .entry(endpoint.segments.len())
            .or_default()
            .push(endpoint);
    }
    for endpoints in by_length.values_mut() {
        // Templates of one form come in the order of their names: the table has none.
        endpoints.sort_by_cached_key(|endpoint| {
            let ids = endpoint.segments.iter().filter(|segment| is_id(segment));
            (ids.count(), endpoint.template.clone())
        });
    }
    by_length
});

/// What the fake serves, by the path template.
fn targets() -> HashMap<String, Target> {
    let mut targets = HashMap::from([
        ("/v1/account".to_owned(), Target::OwnAccount),
        (thin_events::PATH.to_owned(), Target::ThinEvents),
        (format!("{}/{{id}}", thin_events::PATH), Target::ThinEvent),
        ("/v1/balance".to_owned(), Target::Balance),
        (
            "/v1/customers/{id}/cash_balance".to_owned(),
            Target::CashBalance,
        ),
        ("/v1/tax/settings".to_owned(), Target::TaxSettings),
        ("/v1/files/{id}/contents".to_owned(), Target::FileContents),
    ]);
    let mut lists: HashMap<&'static str, ListRoute> = HashMap::new();
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
    }
    for path in COMPUTED {
        lists.remove(path);
    }
    if let (Some(refund), Some(list)) = (catalogue::resource("refund"), unlisted::charge_refunds())
    {
        let objects = vec![refund];
        lists.insert(list.path, ListRoute { list, objects });
    }
    for route in lists.into_values() {
        if route.list.parent.is_some() {
            let path = format!("{}/{{id}}", route.list.path);
            targets.insert(path, Target::Child(route.clone()));
        }
        targets.insert(route.list.path.to_owned(), Target::List(route));
    }
    for resource in catalogue::resources().iter().chain(unlisted::resources()) {
        if let Some(path) = resource.retrieve {
            targets.insert(path.to_owned(), Target::Object(resource));
        }
        if let Some(list) = &resource.list
            && search::is_searchable(resource.object)
        {
            targets.insert(format!("{}/search", list.path), Target::Search(resource));
        }
    }
    targets
}

impl Endpoint {
    fn new(template: String, target: Target, methods: Methods) -> Self {
        let segments = template.split('/').map(str::to_owned).collect();
        Self {
            template,
            target,
            methods,
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

/// The endpoint of a method and a path; `None` if Stripe has none.
pub(crate) fn route(method: &str, path: &str) -> Option<Route> {
    let parts: Vec<&str> = path.split('/').collect();
    let endpoint = ENDPOINTS
        .get(&parts.len())?
        .iter()
        .find(|endpoint| endpoint.methods.has(method) && endpoint.matches(&parts))?;
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
        let target = |path: &str| {
            route("GET", path).map(|route| (route.endpoint.template.as_str(), route.ids))
        };
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
    fn a_method_is_a_part_of_the_path() {
        let is = |method: &str, path: &str, wanted: fn(&Target) -> bool| {
            route(method, path).is_some_and(|route| wanted(&route.endpoint.target))
        };
        assert!(is("GET", "/v1/customers/search", |target| matches!(
            target,
            Target::Search(_)
        )));
        assert!(is("POST", "/v1/charges/ch_1/capture", |target| matches!(
            target,
            Target::NotSimulated
        )));
        assert!(route("GET", "/v1/charges/ch_1/capture").is_none());
        assert!(route("PATCH", "/v1/charges/ch_1").is_none());
        assert!(route("DELETE", "/v1/charges/ch_1").is_none());
    }

    #[test]
    fn what_is_served_is_a_path_of_stripe() {
        let paths = paths::all();
        for (template, target) in targets() {
            // Stripe reads the objects of some nested lists only by the list.
            let is_child = matches!(target, Target::Child(_));
            assert!(is_child || paths.contains_key(&template), "{template}");
        }
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
        }) = route("GET", "/v1/customers/cus_1/sources")
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
