//! Single objects: alive, deleted, and never there.

pub(crate) mod computed;
pub(crate) mod contents;

use serde_json::{Value, json};
use stripe_sync_schema::catalogue::{DeletedForm, Resource};

use crate::api::auth::Caller;
use crate::api::errors::ApiError;
use crate::api::router::ListRoute;
use crate::api::{expand, lists};
use crate::data::collection::Record;
use crate::data::index::PARENT;
use crate::data::index::resource_index;
use crate::data::partition::{Partition, Scope, other_mode, parse};
use crate::data::render;
use crate::events::types::RETENTION;
use crate::params::{Params, base};
use crate::state::State;
use crate::state::replay::Page;

impl Partition {
    /// What a retrieve of a deleted object returns, for the objects of which a stub remains.
    pub(crate) fn stub(&self, id: &str) -> Option<Value> {
        let mut gone = self
            .collections()
            .filter(|collection| collection.is_gone(id));
        gone.find(|collection| collection.index.resource.deleted == DeletedForm::Stub)
            .map(|collection| deleted(id, collection.index.object))
    }
}

/// `{"id": …, "object": …, "deleted": true}`
pub(crate) fn deleted(id: &str, object: &str) -> Value {
    json!({ "id": id, "object": object, "deleted": true })
}

/// The account that the caller speaks for.
pub(crate) fn own_account(
    state: &State,
    caller: &Caller,
    params: &Params,
) -> Result<Page, ApiError> {
    caller.check("account")?;
    check_names("account", params)?;
    let id = &caller.scope.account;
    let value = account(state, caller, id).ok_or_else(ApiError::server_error)?;
    expanded(state, caller, "account", value, params, id)
}

/// A connected account is an object of its platform, which may have changed it.
fn account(state: &State, caller: &Caller, id: &str) -> Option<Value> {
    let account = state.accounts.get(id)?;
    let platform = account.platform.as_ref().and_then(|platform| {
        let scope = Scope {
            account: platform.clone(),
            mode: caller.scope.mode,
        };
        state.partitions.get(&scope)?.value("account", id)
    });
    Some(platform.unwrap_or_else(|| account.body.clone()))
}

/// One object by its id.
pub(crate) fn object(
    state: &State,
    caller: &Caller,
    resource: &Resource,
    id: &str,
    params: &Params,
) -> Result<Page, ApiError> {
    caller.check(resource.object)?;
    check_names(resource.object, params)?;
    if resource.object == "account" && id == caller.scope.account {
        return own_account(state, caller, params);
    }
    let partition = state
        .partition(&caller.scope)
        .map_err(|_| ApiError::server_error())?;
    let collection = partition.collection(resource.object);
    let record = collection
        .and_then(|collection| collection.get(id))
        .filter(|record| is_shown(state, resource, record));
    match record {
        Some(record) => expanded_record(state, caller, resource.object, record, params),
        None if resource.deleted == DeletedForm::Stub
            && collection.is_some_and(|collection| collection.is_gone(id)) =>
        {
            Ok(page(&deleted(id, resource.object), id))
        }
        None => Err(missing(state, caller, resource.object, id)),
    }
}

/// The refusal of an id that is not there, which says whether it is in the other mode.
pub(crate) fn missing(state: &State, caller: &Caller, object: &str, id: &str) -> ApiError {
    let mode = caller.scope.mode;
    let other = Scope {
        mode: other_mode(mode),
        ..caller.scope.clone()
    };
    let other = state.partitions.get(&other);
    let other = other.and_then(|partition| partition.collection(object));
    let elsewhere = other.is_some_and(|collection| collection.get(id).is_some());
    ApiError::no_such_object(object, id, mode, elsewhere)
}

/// One object by its id and the id of its parent.
pub(crate) fn child(
    state: &State,
    caller: &Caller,
    route: &ListRoute,
    parent: &str,
    id: &str,
    params: &Params,
) -> Result<Page, ApiError> {
    let partition = state
        .partition(&caller.scope)
        .map_err(|_| ApiError::server_error())?;
    let holder = route.list.parent.unwrap_or_default();
    check_names(holder, params)?;
    lists::check_parent(partition, caller, route, parent)?;
    for resource in &route.objects {
        caller.check(resource.object)?;
        let Some(record) = partition
            .collection(resource.object)
            .and_then(|collection| collection.get(id))
        else {
            continue;
        };
        let key = resource_index(resource.object).map_or(PARENT, |index| index.parent_key(holder));
        let is_child = record.values(key).any(|value| value == parent);
        if is_child && is_shown(state, resource, record) {
            return expanded_record(state, caller, resource.object, record, params);
        }
    }
    let object = route
        .objects
        .first()
        .map_or("object", |resource| resource.object);
    Err(ApiError::no_such_object(
        object,
        id,
        caller.scope.mode,
        false,
    ))
}

/// Events are there from their delay on and for 30 days.
fn is_shown(state: &State, resource: &Resource, record: &Record) -> bool {
    if resource.object != "event" {
        return true;
    }
    let created = parse(record)
        .get("created")
        .and_then(Value::as_i64)
        .unwrap_or(0);
    record.visible_at <= state.now && created >= state.now.saturating_sub(RETENTION)
}

fn expanded_record(
    state: &State,
    caller: &Caller,
    object: &str,
    record: &Record,
    params: &Params,
) -> Result<Page, ApiError> {
    if params.iter().next().is_none() {
        return Ok(Page {
            body: record.body.to_vec(),
            ids: vec![record.id.clone()],
        });
    }
    expanded(state, caller, object, parse(record), params, &record.id)
}

fn expanded(
    state: &State,
    caller: &Caller,
    object: &str,
    mut value: Value,
    params: &Params,
    id: &str,
) -> Result<Page, ApiError> {
    check_names(object, params)?;
    if let Some(secret) = params.get(CLIENT_SECRET)
        && value.get(CLIENT_SECRET).and_then(Value::as_str) != Some(secret)
    {
        let message = format!(
            "The client_secret provided does not match any associated {} on this account.",
            object.replace('_', " ")
        );
        return Err(ApiError::invalid(None, CLIENT_SECRET, message));
    }
    if params.get("expand").is_some() {
        let message = "Invalid array".to_owned();
        return Err(ApiError::invalid(None, "expand", message));
    }
    let partition = state
        .partition(&caller.scope)
        .map_err(|_| ApiError::server_error())?;
    for path in params.all("expand[]") {
        expand::check(&[object], path, path)?;
        expand::expand(partition, &mut value, path);
    }
    Ok(page(&value, id))
}

/// What whoever is not the merchant reads an intent with.
const CLIENT_SECRET: &str = "client_secret";
const SECRETIVE: [&str; 2] = ["payment_intent", "setup_intent"];

/// Refuses parameters that a retrieve does not have. Stripe does so before it looks for the object.
fn check_names(object: &str, params: &Params) -> Result<(), ApiError> {
    let has_secret = SECRETIVE.contains(&object);
    let is_known = |key: &str| base(key) == "expand" || has_secret && key == CLIENT_SECRET;
    match params.iter().find(|(key, _)| !is_known(key)) {
        Some((key, _)) => Err(ApiError::unknown_parameter(base(key))),
        None => Ok(()),
    }
}

/// The answer that is this object.
pub(crate) fn page(value: &Value, id: &str) -> Page {
    Page {
        body: render::object(value, None),
        // What Stripe computes has no id.
        ids: (!id.is_empty()).then(|| id.into()).into_iter().collect(),
    }
}
