//! Thin events: Stripe's v2 form of every event, which tells what it is about and not what that is now.
//!
//! They are not stored: each is a view of a snapshot event.

use std::borrow::Cow;

use chrono::DateTime;
use serde_json::{Map, Value, json};
use stripe_sync_schema::catalogue;

use super::auth::Caller;
use super::clock::rfc3339;
use super::errors::ApiError;
use super::events::{MOST_TYPES, RETENTION};
use super::facets;
use super::list::Page;
use super::query::{Params, base, integer};
use super::render;
use super::shelf::{Position, Record};
use super::state::{State, parse};
use crate::client::Mode;

/// Stripe's page size of v2 lists if none is asked for.
const DEFAULT_LIMIT: usize = 20;
/// Stripe's largest page.
const MAX_LIMIT: i64 = 100;
/// What the ids of v2 events have after their prefix, in the fake.
const MARK: &str = "65";
pub(super) const PATH: &str = "/v2/core/events";

/// The thin type of a snapshot event's type.
pub(super) fn kind(kind: &str) -> Cow<'_, str> {
    if kind.starts_with("v2.") {
        Cow::Borrowed(kind)
    } else {
        Cow::Owned(format!("v1.{kind}"))
    }
}

/// The thin event's id: another one than the snapshot's.
pub(super) fn id(snapshot: &str, mode: Mode) -> String {
    let tail = snapshot.strip_prefix("evt_").unwrap_or(snapshot);
    match mode {
        Mode::Test => format!("evt_test_{MARK}{tail}"),
        Mode::Live => format!("evt_{MARK}{tail}"),
    }
}

/// The snapshot's id; `None` for what is no thin event's id.
fn snapshot_id(thin: &str) -> Option<String> {
    let tail = thin.strip_prefix("evt_")?;
    let tail = tail.strip_prefix("test_").unwrap_or(tail);
    Some(format!("evt_{}", tail.strip_prefix(MARK)?))
}

/// What a webhook carries of an event that is stored as this snapshot.
pub(super) fn notification(event: &Value, mode: Mode) -> Value {
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
    let created = event.get("created").and_then(Value::as_i64).unwrap_or(0);
    let reason = match event.get("request") {
        Some(request @ Value::Object(_)) => json!({ "type": "request", "request": request }),
        _ => Value::Null,
    };
    json!({
        "id": id(text("id"), mode),
        "object": "v2.core.event",
        "type": kind(text("type")),
        "livemode": event.get("livemode"),
        "created": rfc3339(created),
        "context": event.get("account"),
        "reason": reason,
        "related_object": related(&event["data"]["object"]),
    })
}

/// The whole thin event, as a retrieve answers it.
fn whole(event: &Value, mode: Mode) -> Value {
    let mut value = notification(event, mode);
    let Some(members) = value.as_object_mut() else {
        return value;
    };
    members.insert("snapshot_event".to_owned(), event["id"].clone());
    if let Some(before) = event["data"]["previous_attributes"].as_object() {
        let after: Map<String, Value> = before
            .keys()
            .map(|key| (key.clone(), event["data"]["object"][key].clone()))
            .collect();
        let changes = json!({ "before": before, "after": after });
        members.insert("changes".to_owned(), changes);
    }
    value
}

/// `{id, type, url}` of the object that an event is about; null if it has no id.
fn related(object: &Value) -> Value {
    let (Some(id), Some(name)) = (object["id"].as_str(), object["object"].as_str()) else {
        return Value::Null;
    };
    json!({ "id": id, "type": name, "url": address(object, id, name) })
}

fn address(object: &Value, id: &str, name: &str) -> Option<String> {
    let resource = catalogue::resource(name)?;
    if let Some(path) = resource.retrieve {
        return Some(path.replace("{id}", id));
    }
    let spec = facets::spec(name)?;
    resource.nested.iter().find_map(|list| {
        let parent = object.get(spec.link(list.parent?)?)?.as_str()?;
        Some(format!("{}/{id}", list.path.replace("{id}", parent)))
    })
}

/// `GET /v2/core/events/{id}`
pub(super) fn one(state: &State, caller: &Caller, id: &str) -> Result<Page, ApiError> {
    caller.check("event")?;
    let missing = || ApiError::not_found(id);
    let snapshot = snapshot_id(id).ok_or_else(missing)?;
    let partition = state.partition(&caller.scope).map_err(|_| missing())?;
    let shelf = partition.shelf("event").ok_or_else(missing)?;
    let position = shelf.position(&snapshot).ok_or_else(missing)?;
    let record = shelf.get(&snapshot).ok_or_else(missing)?;
    if !is_shown(state, position, record) {
        return Err(missing());
    }
    let value = whole(&parse(record), caller.scope.mode);
    if value["id"] != id {
        return Err(missing());
    }
    Ok(Page {
        body: render::object(&value, None),
        ids: vec![id.into()],
    })
}

fn is_shown(state: &State, position: Position, record: &Record) -> bool {
    record.visible_at <= state.now && position.created >= state.now.saturating_sub(RETENTION)
}

/// What a list request asks for.
#[derive(Debug)]
struct Asked<'a> {
    limit: usize,
    types: Vec<&'a str>,
    object_id: Option<&'a str>,
    /// Milliseconds, both included.
    created: (i64, i64),
    page: Option<&'a str>,
}

impl<'a> Asked<'a> {
    fn parse(params: &'a Params) -> Result<Self, ApiError> {
        let mut asked = Self {
            limit: DEFAULT_LIMIT,
            types: Vec::new(),
            object_id: None,
            created: (i64::MIN, i64::MAX),
            page: None,
        };
        for (key, value) in params.iter() {
            let (from, to) = &mut asked.created;
            match key {
                "limit" => {
                    let limit = integer("limit", value)?;
                    if !(1..=MAX_LIMIT).contains(&limit) {
                        let message =
                            format!("limit must be from 1 to {MAX_LIMIT}, it is {limit}.");
                        return Err(ApiError::invalid(None, "limit", message));
                    }
                    asked.limit = usize::try_from(limit).unwrap_or(DEFAULT_LIMIT);
                }
                "types" | "types[]" => asked.types.push(value),
                "object_id" => asked.object_id = Some(value),
                "page" => asked.page = Some(value),
                "created[gte]" => *from = (*from).max(millis(key, value)?),
                "created[gt]" => *from = (*from).max(millis(key, value)? + 1),
                "created[lte]" => *to = (*to).min(millis(key, value)?),
                "created[lt]" => *to = (*to).min(millis(key, value)? - 1),
                _ => {
                    let message = format!("Received unknown parameter: {}", base(key));
                    return Err(ApiError::invalid(Some("parameter_unknown"), key, message));
                }
            }
        }
        if asked.types.len() > MOST_TYPES {
            let message = format!("types may name at most {MOST_TYPES} event types.");
            return Err(ApiError::invalid(None, "types", message));
        }
        Ok(asked)
    }

    fn wants(&self, event: &Value) -> bool {
        let thin = event["type"].as_str().map(kind).unwrap_or_default();
        let second = event["created"].as_i64().unwrap_or(0);
        let at = second.saturating_mul(MILLIS);
        let about = self
            .object_id
            .is_none_or(|id| event["data"]["object"]["id"] == id);
        let (from, to) = self.created;
        about
            && (from..=to).contains(&at)
            && (self.types.is_empty() || self.types.contains(&&*thin))
    }
}

const MILLIS: i64 = 1000;

fn millis(key: &str, value: &str) -> Result<i64, ApiError> {
    let time = DateTime::parse_from_rfc3339(value).map_err(|_| {
        ApiError::invalid(
            None,
            key,
            format!("{key} must be a time like 2026-11-01T00:00:00.000Z, it is '{value}'."),
        )
    })?;
    Ok(time.timestamp_millis())
}

/// `GET /v2/core/events`: newest first; the pages after the first are named by `next_page_url`.
pub(super) fn list(state: &State, caller: &Caller, params: &Params) -> Result<Page, ApiError> {
    caller.check("event")?;
    let asked = Asked::parse(params)?;
    let partition = state
        .partition(&caller.scope)
        .map_err(|_| ApiError::server_error())?;
    let shelf = partition.shelf("event");
    let end = match asked.page {
        None => Position::start_of(i64::MAX),
        Some(page) => snapshot_id(page)
            .and_then(|id| shelf?.position(&id))
            .ok_or_else(|| {
                ApiError::invalid(None, "page", format!("'{page}' is no page of this list."))
            })?,
    };
    let rows = shelf.into_iter().flat_map(|shelf| {
        shelf
            .between(Position::start_of(i64::MIN), end)
            .rev()
            .filter(|(at, record)| is_shown(state, *at, record))
    });
    let mut events = rows
        .map(|(_, record)| parse(record))
        .filter(|event| asked.wants(event))
        .filter(|event| {
            let about = event["data"]["object"]["object"].as_str();
            about.is_none_or(|object| caller.may_read(object))
        });
    let data: Vec<Value> = events
        .by_ref()
        .take(asked.limit)
        .map(|event| whole(&event, caller.scope.mode))
        .collect();
    let last = data.last().and_then(|event| event["id"].as_str());
    let next = last
        .filter(|_| events.next().is_some())
        .map(|last| next_url(params, last));
    let ids = data
        .iter()
        .filter_map(|event| event["id"].as_str().map(Into::into))
        .collect();
    // The way back is not simulated.
    let body = json!({ "data": data, "next_page_url": next, "previous_page_url": null });
    Ok(Page {
        body: render::object(&body, None),
        ids,
    })
}

fn next_url(params: &Params, page: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (key, value) in params.iter().filter(|(key, _)| *key != "page") {
        query.append_pair(key, value);
    }
    query.append_pair("page", page);
    format!("{PATH}?{}", query.finish())
}
