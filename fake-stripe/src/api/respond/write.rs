//! Writes: what they change, and what the repetition of one is answered.

use serde_json::{Map, Value};
use stripe_sync_schema::fields::{self, Step};

use crate::api::auth::Caller;
use crate::api::errors::ApiError;
use crate::api::respond::Echo;
use crate::api::router::{Route, Target};
use crate::api::{expand, lists, retrieve, webhook_endpoints};
use crate::data::index::{PARENT, resource_index};
use crate::params::{Params, base};
use crate::state::State;
use crate::state::replay::{Page, Replay};

const WEBHOOK_ENDPOINTS: &str = "/v1/webhook_endpoints";

/// Characters of the longest idempotency key (docs.stripe.com/api/idempotent_requests).
const LONGEST_KEY: usize = 255;

/// What a DELETE takes besides `expand`: (object name, parameters).
const DELETE_PARAMS: [(&str, &[&str]); 2] = [
    (
        "subscription",
        &["cancellation_details", "invoice_now", "prorate"],
    ),
    (
        "subscription_item",
        &[
            "clear_usage",
            "payment_behavior",
            "proration_behavior",
            "proration_date",
        ],
    ),
];

/// What a write is answered.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) page: Page,
    /// The id of the request that had this answer first, if this is a repetition.
    pub(super) replay: Option<String>,
}

impl State {
    /// A write, or the answer that the same write had before.
    pub(super) fn write_once(
        &mut self,
        caller: &Caller,
        route: &Route,
        path: &str,
        params: &Params,
        echo: &Echo,
    ) -> Result<Written, ApiError> {
        let Some(key) = &echo.idempotency_key else {
            let page = self.write(caller, route, path, params)?;
            return Ok(Written { page, replay: None });
        };
        if key.len() > LONGEST_KEY {
            return Err(ApiError::long_idempotency_key(LONGEST_KEY, key.len()));
        }
        let sorted = params.sorted();
        if let Some(replay) = self.replay(&caller.scope, key) {
            if replay.path != path {
                return Err(ApiError::idempotency_path(key, path, &replay.path));
            }
            if replay.params != sorted {
                return Err(ApiError::idempotency(key));
            }
            return Ok(Written {
                page: replay.page,
                replay: Some(replay.request),
            });
        }
        // A refusal is not kept: Stripe keeps it only once the request began to execute.
        let page = self.write(caller, route, path, params)?;
        let replay = Replay {
            path: path.to_owned(),
            params: sorted,
            page: page.clone(),
            request: echo.request_id.clone(),
            at: self.now,
        };
        let place = (caller.scope.clone(), key.clone());
        self.replays.insert(place, replay);
        Ok(Written { page, replay: None })
    }

    fn write(
        &mut self,
        caller: &Caller,
        route: &Route,
        path: &str,
        params: &Params,
    ) -> Result<Page, ApiError> {
        match &route.endpoint.target {
            Target::List(list) if list.list.path == WEBHOOK_ENDPOINTS => {
                webhook_endpoints::create(self, caller, params)
            }
            Target::Object(resource) if resource.object == "webhook_endpoint" => {
                let id = route.ids.first().map_or("", String::as_str);
                webhook_endpoints::update(self, caller, id, params)
            }
            _ => Err(ApiError::not_simulated("POST", path)),
        }
    }

    pub(super) fn remove(
        &mut self,
        caller: &Caller,
        route: &Route,
        path: &str,
        params: &Params,
    ) -> Result<Page, ApiError> {
        let id = route.ids.last().map_or("", String::as_str);
        let resources = match &route.endpoint.target {
            Target::Object(resource) => vec![*resource],
            Target::Child(list) => list.objects.clone(),
            _ => return Err(ApiError::not_simulated("DELETE", path)),
        };
        for resource in &resources {
            caller.check(resource.object)?;
        }
        let first = match (&route.endpoint.target, &*resources) {
            // Each of these lists has objects of several kinds, and Stripe has one name for all.
            (Target::Child(list), [_, _, ..]) if list.list.path.ends_with("/sources") => "source",
            (Target::Child(_), [_, _, ..]) => "external account",
            (_, resources) => resources.first().map_or("object", |first| first.object),
        };
        check_params(first, params)?;
        let missing = || ApiError::no_such_object(first, id, caller.scope.mode, false);
        let partition = self.partition(&caller.scope).map_err(|_| missing())?;
        if let (Target::Child(list), Some(parent)) = (&route.endpoint.target, route.ids.first()) {
            lists::check_parent(partition, caller, list, parent)?;
        }
        let found = resources.into_iter().find_map(|resource| {
            let record = partition.collection(resource.object)?.get(id)?;
            Some((resource, record))
        });
        let (resource, record) = found.ok_or_else(missing)?;
        if let (Target::Child(list), Some(parent)) = (&route.endpoint.target, route.ids.first()) {
            let holder = list.list.parent.unwrap_or_default();
            let index = resource_index(resource.object);
            let key = index.map_or(PARENT, |index| index.parent_key(holder));
            if !record.values(key).any(|value| value == parent) {
                return Err(missing());
            }
        }
        let is_canceled = resource.object == "subscription";
        if is_canceled {
            let ended = ["canceled", "incomplete_expired"];
            let status = resource_index(resource.object).and_then(|index| index.key("status"));
            let mut status = status.into_iter().flat_map(|key| record.values(key));
            // To a cancellation there is no subscription that has ended.
            if status.any(|status| ended.contains(&status)) {
                return Err(missing());
            }
        }
        for path in params.all("expand[]") {
            expand::check(&[resource.object], path, path)?;
        }
        let last = if is_canceled {
            let details = cancellation_details(params)?;
            self.cancel_because(&caller.scope, id, details)?
        } else {
            self.delete(&caller.scope, id)?
        };
        let mut value = if is_canceled {
            last
        } else {
            retrieve::deleted(id, resource.object)
        };
        if is_canceled {
            let partition = self.partition(&caller.scope).map_err(|_| missing())?;
            for path in params.all("expand[]") {
                expand::expand(partition, &mut value, path);
            }
        }
        Ok(retrieve::page(&value, id))
    }
}

/// What a customer says of a cancellation: a comment, and one of Stripe's words.
fn cancellation_details(params: &Params) -> Result<Map<String, Value>, ApiError> {
    const FEEDBACK: &str = "cancellation_details[feedback]";
    let mut details = Map::new();
    for (param, value) in params.iter() {
        let name = match param {
            "cancellation_details[comment]" => "comment",
            FEEDBACK => "feedback",
            _ if base(param) == "cancellation_details" => {
                return Err(ApiError::unknown_parameter(param));
            }
            _ => continue,
        };
        if name == "feedback" {
            let path = [Step::Key("cancellation_details")];
            let fields = fields::children("subscription", &path);
            let words = fields.into_iter().find(|field| field.name == name);
            let words = words.map(|field| field.values).unwrap_or_default();
            if !words.contains(&value) {
                let message = format!("Invalid {param}: must be one of {}", words.join(", "));
                return Err(ApiError::invalid(None, param, message));
            }
        }
        details.insert(name.to_owned(), value.into());
    }
    Ok(details)
}

/// Refuses what a DELETE of such an object does not take.
fn check_params(object: &str, params: &Params) -> Result<(), ApiError> {
    let known = DELETE_PARAMS.iter().find(|(of, _)| *of == object);
    let known = known.map_or(&[][..], |(_, params)| params);
    let unknown = params.iter().find(|(key, _)| {
        let name = base(key);
        name != "expand" && !known.contains(&name)
    });
    match unknown {
        Some((key, _)) => Err(ApiError::unknown_parameter(base(key))),
        None => Ok(()),
    }
}
