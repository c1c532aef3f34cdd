//! `/v2/core/events`: thin events over HTTP. They are not stored: each is a view of a snapshot event.

use chrono::DateTime;
use serde_json::{Value, json};

use crate::api::auth::Caller;
use crate::api::errors::ApiError;
use crate::api::lists::event_filters::MOST_TYPES;
use crate::api::values::integer;
use crate::data::collection::{Position, Record};
use crate::data::partition::parse;
use crate::data::render;
use crate::events::thin::{kind, snapshot_id, whole};
use crate::events::types::RETENTION;
use crate::params::{Params, base};
use crate::state::State;
use crate::state::replay::Page;

/// Stripe's page size of v2 lists if none is asked for.
const DEFAULT_LIMIT: usize = 20;
/// Stripe's largest page.
const MAX_LIMIT: i64 = 100;
/// The list's path.
pub(crate) const PATH: &str = "/v2/core/events";

/// `GET /v2/core/events/{id}`
pub(crate) fn one(state: &State, caller: &Caller, id: &str) -> Result<Page, ApiError> {
    caller.check("event")?;
    let missing = || ApiError::not_found(id);
    let snapshot = snapshot_id(id).ok_or_else(missing)?;
    let partition = state.partition(&caller.scope).map_err(|_| missing())?;
    let collection = partition.collection("event").ok_or_else(missing)?;
    let position = collection.position(&snapshot).ok_or_else(missing)?;
    let record = collection.get(&snapshot).ok_or_else(missing)?;
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
pub(crate) fn list(state: &State, caller: &Caller, params: &Params) -> Result<Page, ApiError> {
    caller.check("event")?;
    let asked = Asked::parse(params)?;
    let partition = state
        .partition(&caller.scope)
        .map_err(|_| ApiError::server_error())?;
    let collection = partition.collection("event");
    let end = match asked.page {
        None => Position::start_of(i64::MAX),
        Some(page) => snapshot_id(page)
            .and_then(|id| collection?.position(&id))
            .ok_or_else(|| {
                ApiError::invalid(None, "page", format!("'{page}' is no page of this list."))
            })?,
    };
    let rows = collection.into_iter().flat_map(|collection| {
        collection
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
