//! Expansion: ids become objects, and lists that are absent by default are put in.

use serde_json::Value;
use stripe_sync_schema::catalogue;
use stripe_sync_schema::fields::{self, Step};

use crate::api::errors::ApiError;
use crate::data::inline_lists;
use crate::data::partition::Partition;

/// Stripe's limit on the depth of an expansion.
const MAX_DEPTH: usize = 4;

/// Expands one path (`latest_invoice.customer`) in an object.
pub(crate) fn expand(
    partition: &Partition,
    object: &str,
    value: &mut Value,
    path: &str,
) -> Result<(), ApiError> {
    let steps: Vec<&str> = path.split('.').collect();
    if steps.len() > MAX_DEPTH {
        return Err(ApiError::invalid(
            None,
            "expand",
            format!("You cannot expand more than {MAX_DEPTH} levels of a property ({path})."),
        ));
    }
    if !is_path(object, &steps) {
        return Err(ApiError::invalid(
            None,
            "expand",
            format!("This property cannot be expanded ({path})."),
        ));
    }
    walk(partition, value, &steps);
    Ok(())
}

/// Whether the schema has these steps up to the first reference, behind which any object may be.
fn is_path(object: &str, steps: &[&str]) -> bool {
    let mut path: Vec<Step<'_>> = Vec::new();
    for step in steps {
        path.push(Step::Key(step));
        let Ok(field) = fields::resolve(object, &path) else {
            return false;
        };
        match field.kind {
            fields::Kind::Reference | fields::Kind::List => return true,
            fields::Kind::Array => path.push(Step::Index(0)),
            _ => {}
        }
    }
    // Whatever else is absent by default may be asked for; it is there or it stays absent.
    true
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
    include(partition, value, step);
    let Some(member) = value.get_mut(*step) else {
        return;
    };
    match member {
        Value::Array(items) => items.iter_mut().for_each(|item| resolve(partition, item)),
        _ => resolve(partition, member),
    }
    walk(partition, member, rest);
}

/// Puts in a list that is absent by default.
fn include(partition: &Partition, value: &mut Value, field: &str) {
    let Some(members) = value.as_object_mut() else {
        return;
    };
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let (Some(id), Some(resource)) = (text("id"), text("object").and_then(catalogue::resource))
    else {
        return;
    };
    if let Some(embedded) = resource
        .embedded
        .iter()
        .find(|embedded| embedded.field == field && !embedded.inline)
    {
        let page = inline_lists::first_page(partition, resource, id, embedded, 0);
        members.insert(field.to_owned(), page);
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
