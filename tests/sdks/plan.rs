//! The calls of every method that the packages have.

use serde_json::{Map, Value, json};
use stripe_sync::testing::FakeStripe;
use stripe_sync_schema::catalogue::{self, List, Recipe, Resource};

use crate::call::{Call, Expect, Form};
use crate::world::{create, id};

/// Lists that the fake has not: what one shows is computed from what the request says, and the objects of the other do not name the
/// customer that the request has to.
const NOT_SIMULATED: [&str; 2] = [
    "/v1/credit_notes/preview/lines",
    "/v1/billing/meters/{id}/event_summaries",
];

const METHODS: &str = include_str!("methods.txt");

/// Reads that Stripe computes: the path and the member `object` of the answer.
const COMPUTED: [(&str, &str); 4] = [
    ("/v1/account", "account"),
    ("/v1/balance", "balance"),
    ("/v1/customers/{id}/cash_balance", "cash_balance"),
    ("/v1/tax/settings", "tax.settings"),
];

/// What is written over HTTP: other calls tell what comes of it.
const WRITTEN: [&str; 2] = ["/v1/webhook_endpoints", "/v1/webhook_endpoints/{id}"];

/// Resources that only have a path of their own.
const UNLISTED: [(&str, &str); 6] = [
    ("/v1/confirmation_tokens/{id}", "confirmation_token"),
    (
        "/v1/financial_connections/sessions/{id}",
        "financial_connections.session",
    ),
    ("/v1/mandates/{id}", "mandate"),
    ("/v1/tax/calculations/{id}", "tax.calculation"),
    ("/v1/tax/transactions/{id}", "tax.transaction"),
    ("/v1/tokens/{id}", "token"),
];

/// A method of both packages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Method {
    pub(crate) http: &'static str,
    pub(crate) path: &'static str,
    pub(crate) python: &'static str,
    pub(crate) node: &'static str,
}

pub(crate) fn methods() -> Vec<Method> {
    let lines = METHODS.lines().filter(|line| !line.starts_with('#'));
    let words = lines.map(|line| line.split(' ').collect::<Vec<_>>());
    let methods = words.map(|words| match words[..] {
        [http, path, python, node] => Method {
            http,
            path,
            python,
            node,
        },
        _ => panic!("not four words: {words:?}"),
    });
    methods.collect()
}

impl Method {
    fn call(self, form: Form) -> Call {
        let name = format!("{} {}", self.http, self.path);
        Call::new(name, self.python, self.node, form).args(self.any_ids())
    }

    /// Ids of nothing, one for each in the path.
    fn any_ids(self) -> Vec<Value> {
        let ids = self.path.matches("{id}").count();
        vec![json!("none"); ids]
    }
}

/// The calls of all methods but DELETE: reads first, then what is refused.
pub(crate) fn calls(fake: &FakeStripe) -> Vec<Call> {
    let of = |http: &'static str| {
        methods()
            .into_iter()
            .filter(move |method| method.http == http)
    };
    let (lists, rest): (Vec<Method>, Vec<Method>) =
        of("GET").partition(|method| list(method.path).is_some());
    let mut calls = Vec::new();
    for method in lists {
        calls.extend(list_calls(fake, method));
    }
    for method in rest {
        calls.push(read_call(fake, method));
    }
    for method in of("POST").filter(|method| !WRITTEN.contains(&method.path)) {
        let call = method.call(Form::One).expect(Expect::NotSimulated);
        calls.push(match method.path {
            // Packages demand that the version is said.
            "/v1/ephemeral_keys" => {
                call.options(json!({ "stripe_version": fake.simulated_version() }))
            }
            _ => call,
        });
    }
    calls
}

/// The calls that delete.
pub(crate) fn deletions(fake: &FakeStripe) -> Vec<Call> {
    let methods = methods().into_iter();
    let methods = methods.filter(|method| method.http == "DELETE");
    methods.map(|method| delete_call(fake, method)).collect()
}

/// The list at a path, and the resources that it shows.
fn list(path: &str) -> Option<(&'static List, Vec<&'static Resource>)> {
    let is_shown = |resource: &&'static Resource| lists(resource).any(|list| list.path == path);
    let shown: Vec<&Resource> = catalogue::resources().iter().filter(is_shown).collect();
    let list = lists(shown.first()?).find(|list| list.path == path)?;
    Some((list, shown))
}

fn lists(resource: &'static Resource) -> impl Iterator<Item = &'static List> {
    resource.list.iter().chain(&resource.nested)
}

fn given(query: &[(&'static str, &'static str)], more: Option<(&str, &str)>) -> Value {
    let pairs = query.iter().copied().chain(more);
    let mut params = Map::new();
    for (name, value) in pairs {
        match name.strip_suffix("[]") {
            Some(name) => params.insert(name.to_owned(), json!([value])),
            None => params.insert(name.to_owned(), json!(value)),
        };
    }
    params.into()
}

/// Walks of one list: arguments and parameters.
fn walks(fake: &FakeStripe, path: &str, resource: &Resource) -> Vec<(Vec<Value>, Value)> {
    let own = resource.list.as_ref().is_some_and(|list| list.path == path);
    let ids = |object: &str| fake.listable(object).iter().map(id).collect::<Vec<_>>();
    let mut walks = Vec::new();
    for recipe in &resource.recipes {
        match recipe {
            Recipe::Query(query) if own => walks.push((Vec::new(), given(query, None))),
            Recipe::PerTestClock { param, query } if own => {
                for clock in ids("test_helpers.test_clock") {
                    walks.push((Vec::new(), given(query, Some((param, &clock)))));
                }
            }
            Recipe::PerTestClockCustomer { param, query } if own => {
                let customers = fake.listable("customer");
                for customer in customers
                    .iter()
                    .filter(|customer| customer["test_clock"].is_string())
                {
                    walks.push((Vec::new(), given(query, Some((param, &id(customer))))));
                }
            }
            Recipe::PerParent {
                parent,
                path: walked,
                param,
                query,
            } if *walked == path => {
                for parent in ids(parent) {
                    let args = walked.matches("{id}").map(|_| json!(parent)).collect();
                    let more = param.map(|param| (param, &*parent));
                    walks.push((args, given(query, more)));
                }
            }
            _ => {}
        }
    }
    walks
}

fn list_calls(fake: &FakeStripe, method: Method) -> Vec<Call> {
    if NOT_SIMULATED.contains(&method.path) {
        let call = method.call(Form::List).params(required(fake, method.path));
        let call = match method.path.contains("{id}") {
            true => call.args(vec![json!(fake.ids("billing.meter")[0])]),
            false => call,
        };
        return vec![call.expect(Expect::NotSimulated)];
    }
    let (list, shown) = list(method.path).expect("a list");
    let parents = list.parent.map(|parent| fake.truth(parent));
    let mut walks: Vec<_> = shown
        .iter()
        .flat_map(|resource| walks(fake, method.path, resource))
        .collect();
    // A list that no recipe needs is asked for each parent all the same.
    let only = shown.iter().all(|resource| {
        let recipes = resource.recipes.iter();
        let mut elsewhere = recipes.filter(|recipe| match recipe {
            Recipe::PerParent { path, .. } => *path != method.path,
            _ => resource
                .list
                .as_ref()
                .is_none_or(|list| list.path != method.path),
        });
        elsewhere.next().is_none()
    });
    let complete = only && !walks.is_empty() && !matches!(method.path, "/v1/events");
    if walks.is_empty() {
        for parent in parents.iter().flatten() {
            let args = vec![json!(id(parent))];
            walks.push((args, required(fake, method.path)));
        }
    }
    if walks.is_empty() {
        walks.push((Vec::new(), required(fake, method.path)));
    }
    let all = shown
        .iter()
        .flat_map(|resource| fake.listable(resource.object));
    let all = Expect::all(all);
    let mut calls = Vec::new();
    let (args, params) = walks[0].clone();
    if list.paginated {
        let mut params = params.clone();
        params["limit"] = json!(2);
        let name = format!("GET {}, a page of 2", method.path);
        calls.push(
            Call::new(name, method.python, method.node, Form::List)
                .args(args)
                .params(params),
        );
    }
    for (args, params) in walks {
        let expect = if complete {
            all.clone()
        } else {
            Expect::Objects
        };
        let name = match list.paginated {
            true => format!("GET {}, all pages", method.path),
            false => format!("GET {}", method.path),
        };
        let call = Call::new(name, method.python, method.node, Form::Pages);
        calls.push(call.args(args).params(params).expect(expect));
    }
    calls
}

/// What a list asks for that no walk knows.
fn required(fake: &FakeStripe, path: &str) -> Value {
    match path {
        "/v1/apps/secrets" => json!({ "scope": { "type": "account" } }),
        "/v1/billing/meters/{id}/event_summaries" => {
            json!({ "customer": fake.ids("customer")[0], "start_time": 0, "end_time": 60 })
        }
        "/v1/financial_connections/accounts/{id}/owners" => {
            json!({ "ownership": "fcaowns_1" })
        }
        _ => json!({}),
    }
}

/// The name of the calls that walk a list.
fn walked(list: &List) -> String {
    match list.paginated {
        true => format!("GET {}, all pages", list.path),
        false => format!("GET {}", list.path),
    }
}

fn read_call(fake: &FakeStripe, method: Method) -> Call {
    let call = method.call(Form::One);
    let customer = fake.ids("customer")[0].clone();
    if let Some((path, object)) = COMPUTED.iter().find(|(path, _)| *path == method.path) {
        let args = path.matches("{id}").map(|_| json!(customer)).collect();
        return call
            .args(args)
            .expect(Expect::Members(vec![("/object/object", json!(object))]));
    }
    if method.path == "/v2/core/events" {
        return Call {
            form: Form::Pages,
            ..call
        };
    }
    if method.path == "/v2/core/events/{id}" {
        let args = vec![json!({ "id_of": "GET /v2/core/events" })];
        let members = vec![("/object/object", json!("v2.core.event"))];
        return call.args(args).expect(Expect::Members(members));
    }
    if let Some(base) = method.path.strip_suffix("/search")
        && list(base).is_some()
    {
        let query = match method.path {
            "/v1/prices/search" | "/v1/products/search" => "active:'true'",
            _ => "created>0",
        };
        let params = json!({ "query": query, "limit": 5 });
        return Call {
            form: Form::Pages,
            ..call
        }
        .params(params);
    }
    if let Some((_, object)) = UNLISTED.iter().find(|(path, _)| *path == method.path) {
        return one(fake, call, object);
    }
    let resource = catalogue::resources()
        .iter()
        .find(|resource| resource.retrieve == Some(method.path));
    if let Some(resource) = resource {
        return one(fake, call, resource.object);
    }
    let below = method
        .path
        .strip_suffix("/{id}")
        .and_then(|path| list(path));
    match below {
        Some((list, _)) if list.parent.is_some() => {
            let found = walked(list);
            let args = vec![json!({ "parent_of": found }), json!({ "id_of": found })];
            call.args(args)
                .expect(Expect::Members(vec![("/object/object", Value::Null)]))
        }
        _ => call.expect(Expect::NotSimulated),
    }
}

/// The youngest object of a name.
fn one(fake: &FakeStripe, call: Call, object: &str) -> Call {
    if object == "event" {
        let args = vec![json!({ "id_of": "GET /v1/events, all pages" })];
        return call
            .args(args)
            .expect(Expect::Members(vec![("/object/object", json!("event"))]));
    }
    let truth = fake.truth(object);
    // Node's package takes an object whose member `error` is a text for the refusal of a login.
    let mut plain = truth.iter().filter(|object| object["error"].is_null());
    let youngest = plain.next_back().unwrap_or_else(|| panic!("no {object}"));
    call.args(vec![json!(id(youngest))])
        .expect(Expect::Object(youngest.clone()))
}

fn delete_call(fake: &FakeStripe, method: Method) -> Call {
    let call = method.call(Form::One);
    let resource = catalogue::resources()
        .iter()
        .find(|resource| resource.retrieve == Some(method.path));
    if let Some(resource) = resource {
        let (with, expect) = match resource.object {
            "invoice" => (json!({ "status": "draft" }), Expect::Deleted),
            "subscription" => {
                let members = vec![("/object/status", json!("canceled"))];
                (json!({ "status": "active" }), Expect::Members(members))
            }
            _ => (json!({}), Expect::Deleted),
        };
        let made = create(fake, resource.object, with);
        return call.args(vec![json!(id(&made))]).expect(expect);
    }
    let below = method
        .path
        .strip_suffix("/{id}")
        .and_then(|path| list(path));
    match below {
        Some((list, _)) if list.parent.is_some() => {
            let found = walked(list);
            let args = vec![json!({ "parent_of": found }), json!({ "id_of": found })];
            call.args(args).expect(Expect::Deleted)
        }
        _ => call.expect(Expect::NotSimulated),
    }
}
