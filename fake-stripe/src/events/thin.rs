//! Thin events: Stripe's v2 form of every event, which names its object and does not hold it.

use std::borrow::Cow;

use serde_json::{Map, Value, json};
use stripe_sync_schema::{Mode, catalogue};

use crate::clock::rfc3339;
use crate::data::index::resource_index;

/// What the ids of v2 events have after their prefix, in the fake.
const MARK: &str = "65";

/// The thin type of a snapshot event's type.
pub(crate) fn kind(kind: &str) -> Cow<'_, str> {
    if kind.starts_with("v2.") {
        Cow::Borrowed(kind)
    } else {
        Cow::Owned(format!("v1.{kind}"))
    }
}

/// The thin event's id: another one than the snapshot's.
pub(crate) fn id(snapshot: &str, mode: Mode) -> String {
    let tail = snapshot.strip_prefix("evt_").unwrap_or(snapshot);
    match mode {
        Mode::Test => format!("evt_test_{MARK}{tail}"),
        Mode::Live => format!("evt_{MARK}{tail}"),
    }
}

/// The snapshot's id; `None` for what is no thin event's id.
pub(crate) fn snapshot_id(thin: &str) -> Option<String> {
    let tail = thin.strip_prefix("evt_")?;
    let tail = tail.strip_prefix("test_").unwrap_or(tail);
    Some(format!("evt_{}", tail.strip_prefix(MARK)?))
}

/// What a webhook carries of an event that is stored as this snapshot.
pub(crate) fn notification(event: &Value, mode: Mode) -> Value {
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
    let created = event.get("created").and_then(Value::as_i64).unwrap_or(0);
    let reason = match event.get("request") {
        Some(request) if request["id"].is_string() => {
            json!({ "type": "request", "request": request })
        }
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

/// The whole thin event, as a retrieve returns it.
pub(crate) fn whole(event: &Value, mode: Mode) -> Value {
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
    let index = resource_index(name)?;
    resource.nested.iter().find_map(|list| {
        let parent = object.get(index.parent_member(list.parent?)?)?.as_str()?;
        Some(format!("{}/{id}", list.path.replace("{id}", parent)))
    })
}
