//! Expansion: ids become objects, and members that are absent by default are put in.

mod paths;

use serde_json::Value;
use stripe_sync_schema::catalogue;

use crate::api::errors::ApiError;
use crate::data::partition::Partition;
use crate::data::{inline_lists, on_request};

/// Stripe's limit on the depth of an expansion: every name of a path counts, `data` too.
const MAX_DEPTH: usize = 4;

/// Checks a path of one of these objects. `sent` is the path as the request has it, with what leads to the object.
pub(crate) fn check(objects: &[&str], path: &str, sent: &str) -> Result<(), ApiError> {
    if sent.split('.').count() > MAX_DEPTH {
        return Err(ApiError::too_deep(sent, MAX_DEPTH));
    }
    let steps: Vec<&str> = path.split('.').collect();
    let mut objects = objects.iter();
    if objects.any(|object| paths::is_expandable(object, &steps)) {
        return Ok(());
    }
    let message = format!("This property cannot be expanded ({sent}).");
    Err(ApiError::invalid(None, "expand", message))
}

/// Checks the paths of a request for a list, and returns them as the elements have them.
pub(crate) fn check_list<'a>(
    objects: &[&str],
    sent: impl Iterator<Item = &'a str>,
) -> Result<Vec<&'a str>, ApiError> {
    let mut paths = Vec::new();
    for sent in sent {
        let Some(path) = sent.strip_prefix("data.") else {
            let message = format!(
                "This property cannot be expanded ({sent}). You may want to try expanding 'data.{sent}' instead."
            );
            return Err(ApiError::invalid(None, "expand", message));
        };
        check(objects, path, sent)?;
        paths.push(path);
    }
    Ok(paths)
}

/// Expands a path that was checked.
pub(crate) fn expand(partition: &Partition, value: &mut Value, path: &str) {
    walk(partition, value, &path.split('.').collect::<Vec<_>>());
}

fn walk(partition: &Partition, value: &mut Value, steps: &[&str]) {
    let Some((step, rest)) = steps.split_first() else {
        return;
    };
    if let Value::Array(items) = value {
        for item in items {
            walk(partition, item, steps);
        }
        return;
    }
    include(partition, value, steps, step);
    let Some(member) = value.get_mut(*step) else {
        return;
    };
    match member {
        Value::Array(items) => items.iter_mut().for_each(|item| resolve(partition, item)),
        _ => resolve(partition, member),
    }
    walk(partition, member, rest);
}

/// Puts in what is absent by default: a list, or a member that is kept beside its object.
fn include(partition: &Partition, value: &mut Value, steps: &[&str], step: &str) {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let (Some(id), Some(name)) = (text("id"), text("object")) else {
        return;
    };
    let record = partition
        .collection(name)
        .and_then(|collection| collection.get(id));
    let list = catalogue::resource(name).and_then(|resource| {
        let mut lists = resource.embedded.iter();
        let list = lists.find(|embedded| embedded.field == step && !embedded.inline)?;
        Some(inline_lists::first_page(partition, resource, id, list, 0))
    });
    if let Some(hidden) = record.and_then(|record| record.hidden.as_deref()) {
        on_request::include(hidden, value, steps);
    }
    if let (Some(list), Some(members)) = (list, value.as_object_mut()) {
        // What another path of the request has expanded in it stays.
        members.entry(step).or_insert(list);
    }
}

/// Replaces an id by its object, or by the stub of a deleted one.
fn resolve(partition: &Partition, value: &mut Value) {
    let Value::String(id) = value else { return };
    if let Some((object, record)) = partition.find(id) {
        if let Some(found) = partition.value(object, &record.id) {
            *value = found;
        }
    } else if let Some(stub) = partition.stub(id) {
        *value = stub;
    }
}
