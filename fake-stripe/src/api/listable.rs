//! Which objects a mirror can find by walking lists: the truth that a mirror is measured by.

use stripe_sync_schema::catalogue::Recipe;

use super::auth::Caller;
use super::errors::FakeError;
use super::facets::{self, Spec};
use super::filters::{Query, Sieve};
use super::query::Params;
use super::router::{Target, route};
use super::shelf::Record;
use super::state::{Partition, Scope, State};

impl State {
    /// The objects of a name that the recipes of the catalogue show, oldest first.
    pub(super) fn listable(&self, scope: &Scope, object: &str) -> Result<Vec<&Record>, FakeError> {
        let spec = facets::spec(object).ok_or_else(|| FakeError::unknown_object(object))?;
        let partition = self.partition(scope)?;
        let judge = Judge {
            partition,
            caller: Caller::owner(scope.clone()),
            now: self.now,
        };
        let records = partition
            .shelf(object)
            .into_iter()
            .flat_map(|shelf| shelf.iter());
        Ok(records
            .filter(|record| judge.is_listable(spec, record, 0))
            .collect())
    }
}

struct Judge<'a> {
    partition: &'a Partition,
    caller: Caller,
    now: i64,
}

impl Judge<'_> {
    fn is_listable(&self, spec: &'static Spec, record: &Record, depth: usize) -> bool {
        /// Parents of parents end sooner; a cycle in the catalogue must not hang a test.
        const DEEPEST: usize = 5;
        depth < DEEPEST
            && spec
                .resource
                .recipes
                .iter()
                .any(|recipe| self.shows(spec, record, recipe, depth))
    }

    fn shows(&self, spec: &'static Spec, record: &Record, recipe: &Recipe, depth: usize) -> bool {
        let account_list = || spec.resource.list.as_ref().map(|list| list.path);
        match recipe {
            Recipe::Query(query) => {
                account_list().is_some_and(|path| self.passes(spec, record, path, query, None))
            }
            Recipe::PerTestClock { param, query } => {
                let clock = value(spec, record, "test_clock");
                clock.is_some_and(|clock| {
                    self.is_alive("test_helpers.test_clock", clock)
                        && account_list().is_some_and(|path| {
                            self.passes(spec, record, path, query, Some((param, clock)))
                        })
                })
            }
            Recipe::PerTestClockCustomer { param, query } => {
                let customer = value(spec, record, "customer");
                customer.is_some_and(|customer| {
                    let on_clock = self
                        .get("customer", customer)
                        .is_some_and(|(spec, record)| value(spec, record, "test_clock").is_some());
                    on_clock
                        && account_list().is_some_and(|path| {
                            self.passes(spec, record, path, query, Some((param, customer)))
                        })
                })
            }
            Recipe::PerParent {
                parent,
                path,
                param,
                query,
            } => {
                let id = record.facet(spec.tie(parent)).next();
                let found = id.and_then(|id| self.get(parent, id));
                found.is_some_and(|(parent_spec, parent)| {
                    let path = path.replace("{id}", &parent.id);
                    self.is_listable(parent_spec, parent, depth + 1)
                        && self.passes(
                            spec,
                            record,
                            &path,
                            query,
                            param.map(|param| (param, &*parent.id)),
                        )
                })
            }
            _ => false,
        }
    }

    /// Whether the list at a path shows the object with these parameters.
    fn passes(
        &self,
        spec: &'static Spec,
        record: &Record,
        path: &str,
        query: &[(&str, &str)],
        extra: Option<(&str, &str)>,
    ) -> bool {
        let Some(route) = route(path) else {
            return false;
        };
        let Target::List(list) = &route.endpoint.target else {
            return false;
        };
        let pairs: Vec<String> = query
            .iter()
            .copied()
            .chain(extra)
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        let Ok(query) = Query::parse(&Params::parse(&pairs.join("&")), list, &[spec]) else {
            return false;
        };
        let position = self
            .partition
            .shelf(spec.object)
            .and_then(|shelf| shelf.position(&record.id));
        let sieve = Sieve::new(spec, &query, &self.caller, !route.ids.is_empty(), self.now);
        position.is_some_and(|position| sieve.passes(position, record))
    }

    fn get(&self, object: &str, id: &str) -> Option<(&'static Spec, &Record)> {
        Some((
            facets::spec(object)?,
            self.partition.shelf(object)?.get(id)?,
        ))
    }

    fn is_alive(&self, object: &str, id: &str) -> bool {
        self.get(object, id).is_some()
    }
}

fn value<'a>(spec: &'static Spec, record: &'a Record, facet: &str) -> Option<&'a str> {
    record.facet(spec.facet(facet)?).next()
}
