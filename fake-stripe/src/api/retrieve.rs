//! Single objects: alive, deleted, and never there.

use serde_json::{Value, json};
use stripe_sync_schema::catalogue::{DeletedForm, Resource};

use super::auth::Caller;
use super::errors::ApiError;
use super::events::RETENTION;
use super::expand;
use super::facets;
use super::list::Page;
use super::query::{Params, base};
use super::render;
use super::router::ListRoute;
use super::shelf::{PARENT, Record};
use super::state::{Partition, State, parse};

impl Partition {
    /// What a retrieve of a deleted object answers, for the objects of which a stub remains.
    pub(super) fn stub(&self, id: &str) -> Option<Value> {
        let mut gone = self.shelves().filter(|shelf| shelf.is_gone(id));
        gone.find(|shelf| shelf.spec.resource.deleted == DeletedForm::Stub)
            .map(|shelf| deleted(id, shelf.spec.object))
    }
}

/// `{"id": …, "object": …, "deleted": true}`
pub(super) fn deleted(id: &str, object: &str) -> Value {
    json!({ "id": id, "object": object, "deleted": true })
}

/// The account that the caller speaks for.
pub(super) fn own_account(
    state: &State,
    caller: &Caller,
    params: &Params,
) -> Result<Page, ApiError> {
    caller.check("account")?;
    let id = &caller.scope.account;
    let value = account(state, caller, id).ok_or_else(ApiError::server_error)?;
    expanded(state, caller, "account", value, params, id)
}

/// A connected account is an object of its platform, which may have changed it.
fn account(state: &State, caller: &Caller, id: &str) -> Option<Value> {
    let account = state.accounts.get(id)?;
    let platform = account.platform.as_ref().and_then(|platform| {
        let scope = super::state::Scope {
            account: platform.clone(),
            mode: caller.scope.mode,
        };
        state.partitions.get(&scope)?.value("account", id)
    });
    Some(platform.unwrap_or_else(|| account.body.clone()))
}

/// One object by its id.
pub(super) fn object(
    state: &State,
    caller: &Caller,
    resource: &Resource,
    id: &str,
    params: &Params,
) -> Result<Page, ApiError> {
    caller.check(resource.object)?;
    if resource.object == "account" && id == caller.scope.account {
        return own_account(state, caller, params);
    }
    let partition = state
        .partition(&caller.scope)
        .map_err(|_| ApiError::server_error())?;
    let shelf = partition.shelf(resource.object);
    let record = shelf
        .and_then(|shelf| shelf.get(id))
        .filter(|record| is_shown(state, resource, record));
    match record {
        Some(record) => expanded_record(state, caller, resource.object, record, params),
        None if resource.deleted == DeletedForm::Stub
            && shelf.is_some_and(|shelf| shelf.is_gone(id)) =>
        {
            Ok(page(&deleted(id, resource.object), id))
        }
        None => {
            let other = super::state::Scope {
                mode: super::state::other_mode(caller.scope.mode),
                ..caller.scope.clone()
            };
            let other = state
                .partitions
                .get(&other)
                .and_then(|partition| partition.shelf(resource.object));
            let elsewhere = other.is_some_and(|shelf| shelf.get(id).is_some());
            Err(ApiError::no_such_object(
                resource.object,
                id,
                caller.scope.mode,
                elsewhere,
            ))
        }
    }
}

/// One object by its id and the id of its parent.
pub(super) fn child(
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
    for resource in &route.objects {
        caller.check(resource.object)?;
        let Some(record) = partition
            .shelf(resource.object)
            .and_then(|shelf| shelf.get(id))
        else {
            continue;
        };
        let tie = facets::spec(resource.object).map_or(PARENT, |spec| spec.tie(holder));
        let tied = record.facet(tie).any(|value| value == parent);
        if tied && is_shown(state, resource, record) {
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
    if let Some((key, _)) = params.iter().find(|(key, _)| base(key) != "expand") {
        return Err(ApiError::invalid(
            Some("parameter_unknown"),
            key,
            format!("Received unknown parameter: {}", base(key)),
        ));
    }
    let partition = state
        .partition(&caller.scope)
        .map_err(|_| ApiError::server_error())?;
    for path in params.all("expand[]") {
        expand::expand(partition, object, &mut value, path)?;
    }
    Ok(page(&value, id))
}

fn page(value: &Value, id: &str) -> Page {
    Page {
        body: render::object(value, None),
        ids: vec![id.into()],
    }
}
