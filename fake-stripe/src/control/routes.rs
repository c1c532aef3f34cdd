//! The routes of the control API.

use serde_json::{Value, json};

use crate::api::server::CONTROL;
use crate::control::call::Call;
use crate::control::errors::ControlError;
use crate::control::{objects, settings, watch};
use crate::params::decode;

/// What a route does.
#[derive(Debug)]
pub(crate) enum Run {
    Now(fn(&Call) -> Result<Value, ControlError>),
    /// Posts webhooks and waits for the answers.
    Deliver,
}

#[derive(Debug)]
pub(crate) struct Route {
    method: &'static str,
    /// Below [`CONTROL`]; `{…}` at the end is a name or an id.
    path: &'static str,
    /// Parameters of the query.
    pub(crate) query: &'static [&'static str],
    pub(crate) run: Run,
    about: &'static str,
}

/// Which objects are meant.
const SCOPE: &[&str] = &["account", "livemode"];
const CHECKED: &[&str] = &["account", "livemode", "checked"];

static ROUTES: [Route; 19] = [
    now("GET", "", &[], list, "these routes"),
    now(
        "POST",
        "/objects/{object}",
        &["account", "livemode", "checked", "parent", "unlisted"],
        objects::create,
        "creates an object with the members of the body",
    ),
    now("GET", "/objects/{id}", SCOPE, objects::get, "an object"),
    now(
        "PATCH",
        "/objects/{id}",
        CHECKED,
        objects::change,
        "merges the body into an object",
    ),
    now(
        "DELETE",
        "/objects/{id}",
        SCOPE,
        objects::delete,
        "deletes an object as Stripe does",
    ),
    now(
        "POST",
        "/generate/{object}",
        &["account", "livemode", "count"],
        objects::generate,
        "makes up objects of the past, without events",
    ),
    now(
        "POST",
        "/stories/{story}",
        SCOPE,
        objects::tell,
        "lets a story happen, with its events",
    ),
    now(
        "GET",
        "/truth/{object}",
        SCOPE,
        objects::truth,
        "all objects of a name",
    ),
    now("POST", "/faults", &[], settings::faults, "plays faults"),
    now(
        "POST",
        "/limits",
        &[],
        settings::limits,
        "enforces rate limits",
    ),
    now("GET", "/clock", &[], settings::clock, "the fake's time"),
    now(
        "POST",
        "/clock",
        &[],
        settings::set_clock,
        "sets or moves the fake's time",
    ),
    Route {
        method: "POST",
        path: "/deliver",
        query: &[],
        run: Run::Deliver,
        about: "posts due webhooks and waits for the answers",
    },
    now(
        "GET",
        "/deliveries",
        &[],
        watch::deliveries,
        "webhooks that were posted, and those that wait",
    ),
    now(
        "GET",
        "/requests",
        &[],
        watch::requests,
        "requests to Stripe's API",
    ),
    now(
        "DELETE",
        "/requests",
        &[],
        watch::forget_requests,
        "forgets the requests so far",
    ),
    now(
        "GET",
        "/warnings",
        &[],
        watch::warnings,
        "what clients should be told",
    ),
    now(
        "POST",
        "/reset",
        &[],
        settings::reset,
        "goes back to the start",
    ),
    now(
        "GET",
        "/accounts",
        &[],
        watch::accounts,
        "the accounts of the fake",
    ),
];

const fn now(
    method: &'static str,
    path: &'static str,
    query: &'static [&'static str],
    run: fn(&Call) -> Result<Value, ControlError>,
    about: &'static str,
) -> Route {
    Route {
        method,
        path,
        query,
        run: Run::Now(run),
        about,
    }
}

impl Route {
    /// What stands at the name's place, empty if the path has none; `None` if this is another path.
    fn name(&self, path: &str) -> Option<String> {
        let Some(open) = self.path.find('{') else {
            return (self.path == path).then(String::new);
        };
        let name = path.strip_prefix(self.path.get(..open)?)?;
        (!name.is_empty() && !name.contains('/')).then(|| decode(name))
    }
}

/// The route of a method and a path, and the name in the path.
pub(crate) fn find(method: &str, path: &str) -> Result<(&'static Route, String), ControlError> {
    let below = path.strip_prefix(CONTROL).unwrap_or(path);
    let below = below.strip_suffix('/').unwrap_or(below);
    let mut allowed = Vec::new();
    for route in &ROUTES {
        match route.name(below) {
            Some(name) if route.method == method => return Ok((route, name)),
            Some(_) => allowed.push(route.method),
            None => {}
        }
    }
    let path = path.to_owned();
    if allowed.is_empty() {
        return Err(ControlError::NoSuchPath { path });
    }
    Err(ControlError::WrongMethod {
        method: method.to_owned(),
        path,
        allowed: allowed.join(" or "),
    })
}

fn list(_: &Call) -> Result<Value, ControlError> {
    let routes = ROUTES.iter().map(|route| {
        json!({
            "method": route.method,
            "path": format!("{CONTROL}{}", route.path),
            "query": route.query,
            "about": route.about,
        })
    });
    Ok(json!({ "data": routes.collect::<Vec<_>>() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_names_and_methods() {
        let found = |method, path| {
            find(method, path)
                .map(|(route, name)| (route.path, name))
                .map_err(|error| error.to_string())
        };
        let cus = "cus_1".to_owned();
        assert_eq!(
            found("PATCH", "/_fake/objects/cus_1"),
            Ok(("/objects/{id}", cus))
        );
        assert_eq!(found("GET", "/_fake/"), Ok(("", String::new())));
        let wrong = "/_fake/clock takes GET or POST, got PUT".to_owned();
        assert_eq!(found("PUT", "/_fake/clock"), Err(wrong));
        for path in ["/_fake/objects", "/_fake/objects/", "/_fake/objects/a/b"] {
            let error = found("POST", path).unwrap_err();
            assert!(error.starts_with("there is no /_fake/objects"), "{error}");
        }
    }

    #[test]
    fn the_readme_names_every_route() {
        let readme = include_str!("../../README.md");
        for route in &ROUTES {
            let words = format!("`{} {CONTROL}{}`", route.method, route.path);
            assert!(readme.contains(&words), "{words}");
        }
    }
}
