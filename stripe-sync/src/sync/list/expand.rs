//! What a model asks Stripe for in `expand`: in lists below `data`, in reads of one object as it is.

use std::sync::Arc;

use serde_json::Value;
use stripe_sync_schema::fields::Step;
use stripe_sync_schema::{Kind, fields};

use crate::client::Request;
use crate::model::Model;

use crate::sync::list::pager::{ChildList, ElementList};
use crate::sync::list::{ListTarget, Pager, Query};

/// The parameter; it stands once for each path.
const EXPAND: &str = "expand[]";
/// How many segments of a path Stripe expands.
const DEEPEST: usize = 4;

/// What requests for a model's objects name: what the model wants of them, and its children of the elements of their lists.
pub(crate) fn paths(model: &'static Model) -> Vec<String> {
    paths_within(model, DEEPEST)
}

/// The same of paths with not more segments. Models may have each other as children, so there has to be an end.
fn paths_within(model: &'static Model, segments: usize) -> Vec<String> {
    let own = model.expand().iter().map(|path| (*path).to_owned());
    let mut paths: Vec<String> = own.collect();
    for children in model.parts.declared.children {
        let steps: Vec<Step<'_>> = children.path.split('.').map(Step::Key).collect();
        let left = segments.saturating_sub(steps.len());
        let below = match left {
            0 => Vec::new(),
            left => paths_within(model.child(children), left),
        };
        if below.is_empty() {
            continue;
        }
        let kind = fields::resolve_expanded(model.object(), &steps).map(|found| found.kind);
        let elements = match kind {
            Ok(Kind::Array) => children.path.to_owned(),
            _ => format!("{}.data", children.path),
        };
        paths.extend(below.iter().map(|path| format!("{elements}.{path}")));
    }
    paths.retain(|path| path.split('.').count() <= segments);
    paths
}

/// The request for one object.
pub(crate) fn of_object(mut request: Request, model: &'static Model) -> Request {
    for path in paths(model) {
        request = request.query(EXPAND, path);
    }
    request
}

/// What requests for parents name, so that the list in which the model's objects stand has what the model wants of them, and
/// is there at all.
pub(crate) fn of_elements(model: &'static Model, list: ElementList) -> Vec<String> {
    let ElementList { member, inline } = list;
    let below = paths(model).into_iter();
    let below = below.map(|path| format!("{member}.data.{path}"));
    below.chain((!inline).then(|| member.to_owned())).collect()
}

/// The request for more elements of a list inside an object, which stands at this path.
pub(crate) fn of_inner_list(
    mut request: Request,
    (model, elements): (&'static Model, Option<ElementList>),
    list: &str,
) -> Request {
    let paths = match elements {
        Some(elements) => of_elements(model, elements),
        None => paths(model),
    };
    for path in paths {
        let below = path.strip_prefix(list);
        if let Some(path) = below.and_then(|path| path.strip_prefix(".data.")) {
            request = request.query(EXPAND, format!("data.{path}"));
        }
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
    let mut ask_for = |paths: Vec<String>| {
        let paths = paths.iter();
        query.extend(paths.map(|path| (EXPAND.to_owned(), format!("data.{path}"))));
    };
    match target {
        ListTarget::Rows => ask_for(paths(model)),
        ListTarget::Elements(list) => ask_for(of_elements(model, *list)),
        ListTarget::Parents(below) => {
            let mut rows = ChildList::clone(below);
            expand(&mut rows.query, &mut rows.target, model);
            *below = Arc::new(rows);
        }
    }
}

/// Whether an object has what the model asks for. One that was stored before the model asked does not.
pub(crate) fn is_expanded(model: &'static Model, object: &[u8]) -> bool {
    let paths = paths(model);
    if paths.is_empty() {
        return true;
    }
    let Ok(object) = serde_json::from_slice::<Value>(object) else {
        return false;
    };
    let has = |path: &String| has(&object, &path.split('.').collect::<Vec<_>>());
    paths.iter().all(has)
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
