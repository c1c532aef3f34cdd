//! Which objects a mirror can find by walking lists: the truth that a mirror is measured by.

use serde_json::Value;
use stripe_sync_schema::catalogue::Recipe;

use crate::api::auth::Caller;
use crate::api::lists::filters::Query;
use crate::api::lists::predicate::Predicate;
use crate::api::router::{Target, route};
use crate::data::collection::Record;
use crate::data::index::{ResourceIndex, resource_index};
use crate::data::partition::{Partition, Scope, parse};
use crate::error::FakeError;
use crate::params::Params;
use crate::state::State;
use crate::state::account::FakeAccount;

impl FakeAccount {
    /// The alive objects of a name that a mirror can find by the walks of the catalogue, oldest first: without unlisted ones,
    /// detached payment methods, children of deleted parents and the like.
    pub fn listable(&self, object: &str) -> Vec<Value> {
        let state = self.shared.lock();
        state
            .listable(&self.scope, object)
            .map(|records| records.into_iter().map(parse).collect())
            .unwrap_or_default()
    }
}

impl State {
    /// The objects of a name that the recipes of the catalogue show, oldest first.
    pub(crate) fn listable(&self, scope: &Scope, object: &str) -> Result<Vec<&Record>, FakeError> {
        let index = resource_index(object).ok_or_else(|| FakeError::unknown_object(object))?;
        let partition = self.partition(scope)?;
        let judge = Judge {
            partition,
            caller: Caller::owner(scope.clone()),
            now: self.now,
        };
        let records = partition
            .collection(object)
            .into_iter()
            .flat_map(|collection| collection.iter());
        Ok(records
            .filter(|record| judge.is_listable(index, record, 0))
            .collect())
    }
}

struct Judge<'a> {
    partition: &'a Partition,
    caller: Caller,
    now: i64,
}

impl Judge<'_> {
    fn is_listable(&self, index: &'static ResourceIndex, record: &Record, depth: usize) -> bool {
        /// Parents of parents end sooner; a cycle in the catalogue must not hang a test.
        const DEEPEST: usize = 5;
        depth < DEEPEST
            && index
                .resource
                .recipes
                .iter()
                .any(|recipe| self.shows(index, record, recipe, depth))
    }

    fn shows(
        &self,
        index: &'static ResourceIndex,
        record: &Record,
        recipe: &Recipe,
        depth: usize,
    ) -> bool {
        let account_list = || index.resource.list.as_ref().map(|list| list.path);
        match recipe {
            Recipe::Query(query) => {
                account_list().is_some_and(|path| self.passes(index, record, path, query, None))
            }
            Recipe::PerTestClock { param, query } => {
                let clock = value(index, record, "test_clock");
                clock.is_some_and(|clock| {
                    self.is_alive("test_helpers.test_clock", clock)
                        && account_list().is_some_and(|path| {
                            self.passes(index, record, path, query, Some((param, clock)))
                        })
                })
            }
            Recipe::PerTestClockCustomer { param, query } => {
                let customer = value(index, record, "customer");
                customer.is_some_and(|customer| {
                    let on_clock = self
                        .get("customer", customer)
                        .is_some_and(|(index, record)| {
                            value(index, record, "test_clock").is_some()
                        });
                    on_clock
                        && account_list().is_some_and(|path| {
                            self.passes(index, record, path, query, Some((param, customer)))
                        })
                })
            }
            Recipe::PerParent {
                parent,
                path,
                param,
                query,
            } => {
                let id = record.values(index.parent_key(parent)).next();
                let found = id.and_then(|id| self.get(parent, id));
                found.is_some_and(|(parent_spec, parent)| {
                    let path = path.replace("{id}", &parent.id);
                    self.is_listable(parent_spec, parent, depth + 1)
                        && self.passes(
                            index,
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
        index: &'static ResourceIndex,
        record: &Record,
        path: &str,
        query: &[(&str, &str)],
        extra: Option<(&str, &str)>,
    ) -> bool {
        let Some(route) = route("GET", path) else {
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
        let Ok(query) = Query::parse(&Params::parse(&pairs.join("&")), list, &[index]) else {
            return false;
        };
        let position = self
            .partition
            .collection(index.object)
            .and_then(|collection| collection.position(&record.id));
        let predicate =
            Predicate::new(index, &query, &self.caller, !route.ids.is_empty(), self.now);
        position.is_some_and(|position| predicate.passes(position, record))
    }

    fn get(&self, object: &str, id: &str) -> Option<(&'static ResourceIndex, &Record)> {
        Some((
            resource_index(object)?,
            self.partition.collection(object)?.get(id)?,
        ))
    }

    fn is_alive(&self, object: &str, id: &str) -> bool {
        self.get(object, id).is_some()
    }
}

fn value<'a>(index: &'static ResourceIndex, record: &'a Record, key: &str) -> Option<&'a str> {
    record.values(index.key(key)?).next()
}
