//! What a model asks Stripe for in `expand`: in lists below `data`, in reads of one object as it is.

use std::sync::Arc;

use serde_json::Value;

use crate::client::Request;
use crate::model::Model;

use crate::sync::list::pager::ChildList;
use crate::sync::list::{ListTarget, Pager, Query};

/// The parameter; it stands once for each path.
const EXPAND: &str = "expand[]";

/// The request for one object.
pub(crate) fn of_object(mut request: Request, model: &'static Model) -> Request {
    for path in model.expand() {
        request = request.query(EXPAND, *path);
    }
    request
}

/// The request for more elements of a list inside an object, which stands at this path.
pub(crate) fn of_inner_list(mut request: Request, model: &'static Model, list: &str) -> Request {
    let below = |path: &'static str| path.strip_prefix(list)?.strip_prefix(".data.");
    for path in model.expand().iter().filter_map(|path| below(path)) {
        request = request.query(EXPAND, format!("data.{path}"));
    }
    request
}

impl Pager {
    /// The same, whose rows have what the model asks for.
    pub(crate) fn expanding(mut self, model: &'static Model) -> Self {
        expand(&mut self.query, &mut self.target, model);
        self
    }
}

/// Lists of parents are left as they are: only the rows at their end are kept.
fn expand(query: &mut Query, target: &mut ListTarget, model: &'static Model) {
    if model.expand().is_empty() {
        return;
    }
    match target {
        ListTarget::Rows => {
            let paths = model.expand().iter();
            query.extend(paths.map(|path| (EXPAND.to_owned(), format!("data.{path}"))));
        }
        ListTarget::Parents(below) => {
            let mut rows = ChildList::clone(below);
            expand(&mut rows.query, &mut rows.target, model);
            *below = Arc::new(rows);
        }
    }
}

/// Whether an object has what the model asks for. One that was stored before the model asked does not.
pub(crate) fn is_expanded(model: &'static Model, object: &[u8]) -> bool {
    if model.expand().is_empty() {
        return true;
    }
    let Ok(object) = serde_json::from_slice::<Value>(object) else {
        return false;
    };
    let has = |path: &&str| has(&object, &path.split('.').collect::<Vec<_>>());
    model.expand().iter().all(has)
}

/// Whether a value has what is at the end of a path: where anything on the way is null, or the stub of a deleted object, nothing
/// is to be asked for.
fn has(value: &Value, keys: &[&str]) -> bool {
    match (value, keys) {
        (Value::Null, _) => true,
        (Value::Array(elements), _) => elements.iter().all(|element| has(element, keys)),
        // An id, where the object is wanted.
        (Value::String(_), _) => false,
        (_, []) => true,
        (value, [key, rest @ ..]) => match value.get(key) {
            Some(member) => has(member, rest),
            None => value.get("deleted") == Some(&Value::Bool(true)),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::has;

    #[test]
    fn an_object_has_what_was_asked_for() {
        let at = |object, path: &str| has(&object, &path.split('.').collect::<Vec<_>>());
        for (object, path, expected) in [
            (json!({"customer": "cus_1"}), "customer", false),
            (json!({"customer": {"id": "cus_1"}}), "customer", true),
            (json!({"customer": null}), "customer.default_source", true),
            (
                json!({"customer": {"deleted": true}}),
                "customer.default_source",
                true,
            ),
            (
                json!({"customer": {"default_source": "src_1"}}),
                "customer.default_source",
                false,
            ),
            (json!({}), "refunds", false),
            (json!({"refunds": {"data": []}}), "refunds", true),
            (
                json!({"refunds": {"data": []}}),
                "refunds.data.charge",
                true,
            ),
            (
                json!({"refunds": {"data": [{"charge": "ch"}]}}),
                "refunds.data.charge",
                false,
            ),
            (
                json!({"refunds": {"data": [{"charge": {}}]}}),
                "refunds.data.charge",
                true,
            ),
            (json!({"discounts": ["di_1"]}), "discounts", false),
        ] {
            assert_eq!(at(object.clone(), path), expected, "{object} {path}");
        }
    }
}
