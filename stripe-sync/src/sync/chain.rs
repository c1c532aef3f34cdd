//! Which lists, together, show every object of a resource: the recipes of the catalogue as cursor chains.

use std::sync::Arc;

use stripe_sync_schema::catalogue::{self, List, Recipe, Resource};

use crate::client::Request;

/// The list of Stripe's test clocks, which hides nothing.
const TEST_CLOCKS: &str = "/v1/test_helpers/test_clocks";
/// The largest page that Stripe gives; its default is 10, which costs ten times the requests.
const PAGE_SIZE: &str = "100";
/// How many ids of objects that were seen are kept as cursors to fall back on: a few pages.
const FALLBACK_CURSORS: usize = 300;

type Query = Vec<(String, String)>;

/// One list with fixed parameters, and where in it we are.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    pub(crate) path: String,
    template: &'static str,
    query: Query,
    paginated: bool,
    pub(crate) target: Target,
    /// Ids that were seen, the newest last; the last one is the cursor.
    cursors: Vec<String>,
    /// How often the chain was begun again because all cursors had vanished.
    pub(crate) restarts: u32,
    /// How far to step back at the next vanished cursor.
    step: usize,
    /// Whether the list is that of one parent, which may be gone by now.
    pub(crate) of_parent: bool,
    /// The field with the time by which the list is ordered and can be cut into slices, if it can.
    pub(crate) created: Option<&'static str>,
    /// Only objects that are older, in unix seconds. A cursor is used with the window it was born with, and no other:
    /// Stripe may answer an empty page to any other.
    pub(crate) until: Option<i64>,
}

/// What the objects of a chain are.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// Rows of the model.
    Rows,
    /// Parents: each is the start of another chain.
    Parents(Arc<Template>),
}

/// The chain that starts at a parent's id.
#[derive(Debug)]
pub(crate) struct Template {
    path: &'static str,
    param: Option<&'static str>,
    query: Query,
    paginated: bool,
    target: Target,
}

impl Chain {
    fn new(list: (&'static str, bool), query: Query, target: Target) -> Self {
        Self {
            path: list.0.to_owned(),
            template: list.0,
            query,
            paginated: list.1,
            target,
            cursors: Vec::new(),
            restarts: 0,
            step: 1,
            of_parent: false,
            created: None,
            until: None,
        }
    }

    /// What the chain reads, as text: a checkpoint of other chains is not resumed.
    pub(crate) fn identity(&self) -> String {
        format!(
            "{} {:?} {:?} {:?}",
            self.path, self.query, self.target, self.created
        )
    }

    /// The request for the next page.
    pub(crate) fn request(&self) -> Request {
        let mut request = Request::get(self.path.clone()).endpoint(self.template);
        for (name, value) in &self.query {
            request = request.query(name, value);
        }
        if let Some(until) = self.until {
            request = request.query("created[lt]", until.to_string());
        }
        if self.paginated {
            request = request.query("limit", PAGE_SIZE);
        }
        match self.cursors.last() {
            Some(cursor) => request.query("starting_after", cursor),
            None => request,
        }
    }

    /// Goes on after these ids, the last of which becomes the cursor.
    pub(crate) fn advance(&mut self, ids: impl IntoIterator<Item = String>) {
        self.cursors.extend(ids);
        let surplus = self.cursors.len().saturating_sub(FALLBACK_CURSORS);
        self.cursors.drain(..surplus);
        self.step = 1;
    }

    /// The cursors that a checkpoint keeps, as JSON: the newest, and a few to fall back on.
    pub(crate) fn place(&self) -> String {
        let mut kept: Vec<&String> = (0..)
            .map(|power| 1_usize << power)
            .map_while(|back| self.cursors.get(self.cursors.len().checked_sub(back)?))
            .collect();
        kept.reverse();
        // Ids are text, so this cannot fail.
        serde_json::to_string(&kept).unwrap_or_default()
    }

    /// Goes on where a checkpoint stands. One that cannot be read is the beginning, which is safe.
    pub(crate) fn resume(&mut self, place: &str) {
        self.cursors = serde_json::from_str(place).unwrap_or_default();
    }

    /// Begins again at objects that are older than a moment, where all cursors have vanished.
    pub(crate) fn begin_before(&mut self, until: i64) {
        self.until = Some(until);
        self.cursors.clear();
        self.restarts = 0;
        self.step = 1;
    }

    /// Whether there is no cursor: the next request begins the list.
    pub(crate) fn is_at_the_beginning(&self) -> bool {
        self.cursors.is_empty()
    }

    /// Falls back from a cursor whose object vanished to one that was seen before it, twice as far at each try. Objects
    /// are then seen twice, which is harmless. Without any cursor left the chain begins again.
    pub(crate) fn step_back(&mut self) {
        self.cursors
            .truncate(self.cursors.len().saturating_sub(self.step));
        self.step *= 2;
        if self.cursors.is_empty() {
            self.restarts += 1;
            self.step = 1;
        }
    }
}

impl Template {
    /// The chain below one parent.
    pub(crate) fn chain(&self, parent: &str) -> Chain {
        let mut chain = Chain::new(
            (self.path, self.paginated),
            self.query.clone(),
            self.target.clone(),
        );
        chain.of_parent = true;
        // The client percent-encodes what follows a template's placeholder.
        chain.path = match self.path.split_once("/{id}") {
            Some((before, after)) => {
                format!("{}{after}", Request::get(before).segment(parent).path)
            }
            None => self.path.to_owned(),
        };
        if let Some(param) = self.param {
            chain.query.push((param.to_owned(), parent.to_owned()));
        }
        chain
    }
}

/// The chains of a resource under the user's filters, or none if no recipe shows its objects.
pub(crate) fn chains(
    resource: &'static Resource,
    filters: &[(&str, &str)],
    livemode: bool,
) -> Vec<Chain> {
    let own: Query = filters
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
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
        let twice = chains
            .iter()
            .any(|known| known.path == chain.path && known.query == chain.query && is_rows(known));
        if !(twice && is_rows(&chain)) {
            chains.push(chain);
        }
    }
    chains
}

fn is_rows(chain: &Chain) -> bool {
    matches!(chain.target, Target::Rows)
}

/// A recipe's parameters, with the user's in place of those of the same name.
fn merged(recipe: &[(&str, &str)], own: &Query) -> Query {
    recipe
        .iter()
        .filter(|(name, _)| !own.iter().any(|(set, _)| set == name))
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .chain(own.iter().cloned())
        .collect()
}

fn shape(list: &List) -> (&'static str, bool) {
    (list.path, list.paginated)
}

fn recipes(
    resource: &'static Resource,
    own: &Query,
    livemode: bool,
    target: &Target,
) -> Vec<Chain> {
    let clocks = |target| Chain::new((TEST_CLOCKS, true), Query::new(), target);
    let mut chains = Vec::new();
    for recipe in &resource.recipes {
        match (recipe, &resource.list) {
            (Recipe::Query(query), Some(list)) => {
                let query = merged(query, own);
                let sliced = list.created_filter
                    && list.paginated
                    && matches!(target, Target::Rows)
                    && !query.iter().any(|(name, _)| name.starts_with("created"));
                let mut chain = Chain::new(shape(list), query, target.clone());
                chain.created = resource.created.filter(|_| sliced);
                chains.push(chain);
            }
            // Live accounts have no test clocks, and asking for them is an error there.
            (Recipe::PerTestClock { param, query }, Some(list)) if !livemode => {
                chains.push(clocks(Target::Parents(Arc::new(Template {
                    path: list.path,
                    param: Some(param),
                    query: merged(query, own),
                    paginated: list.paginated,
                    target: target.clone(),
                }))));
            }
            (Recipe::PerTestClockCustomer { param, query }, Some(list)) if !livemode => {
                let of_customer = Target::Parents(Arc::new(Template {
                    path: list.path,
                    param: Some(param),
                    query: merged(query, own),
                    paginated: list.paginated,
                    target: target.clone(),
                }));
                chains.push(clocks(Target::Parents(Arc::new(Template {
                    path: "/v1/customers",
                    param: Some("test_clock"),
                    query: Query::new(),
                    paginated: true,
                    target: of_customer,
                }))));
            }
            (
                Recipe::PerParent {
                    parent,
                    path,
                    param,
                    query,
                },
                list,
            ) => {
                let Some(parent) = catalogue::resource(parent) else {
                    continue;
                };
                let paginated = resource
                    .nested
                    .iter()
                    .chain(list)
                    .find(|list| list.path == *path)
                    .is_none_or(|list| list.paginated);
                let below = Target::Parents(Arc::new(Template {
                    path,
                    param: *param,
                    query: merged(query, own),
                    paginated,
                    target: target.clone(),
                }));
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

    #[test]
    fn a_template_escapes_the_parent() {
        let template = Template {
            path: "/v1/customers/{id}/tax_ids",
            param: None,
            query: Query::new(),
            paginated: true,
            target: Target::Rows,
        };
        assert_eq!(
            template.chain("cus_1/x").path,
            "/v1/customers/cus_1%2Fx/tax_ids"
        );
    }

    #[test]
    fn stepping_back_doubles_and_ends_at_the_start() {
        let list = catalogue::resource("customer")
            .unwrap()
            .list
            .as_ref()
            .unwrap();
        let mut chain = Chain::new(shape(list), Query::new(), Target::Rows);
        chain.advance((0..8).map(|n| format!("cus_{n}")));
        let mut seen = Vec::new();
        while !chain.cursors.is_empty() {
            seen.push(chain.cursors.len());
            chain.step_back();
        }
        assert_eq!((seen, chain.restarts), (vec![8, 7, 5, 1], 1));
    }
}
