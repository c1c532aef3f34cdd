//! The lists inside an object whose elements are rows of other models.

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::model::Model;
use crate::model::context::Context;
use crate::model::mapping::Slots;
use crate::object::list;
use crate::object::slot::Slot;
use crate::store::rows::Failure;
use crate::store::rows::sets::Set;

use crate::sync::object::Mapped;
use crate::sync::object::map::{map, map_page};

/// The elements of one list, as they stand in the object.
#[derive(Debug)]
pub(super) struct Elements {
    /// Which of the model's lists it is.
    list: usize,
    elements: Vec<Bytes>,
}

/// The lists of an object that its model has children for; without those that the object lacks.
///
/// # Errors
/// When what stands there is no list, or is not all of one: the object fails.
pub(super) fn elements(
    model: &'static Model,
    slots: &Slots<'_>,
    json: &Bytes,
) -> Result<Vec<Elements>, String> {
    let mut found = Vec::new();
    for (number, children) in model.parts.declared.children.iter().enumerate() {
        let elements = match slots.at(children.slot) {
            Slot::Absent => continue,
            Slot::Null => Vec::new(),
            Slot::Json(text) => elements_of(text, children.path)?,
            other => return Err(unlike(children.path, other.form())),
        };
        let elements = elements.into_iter();
        found.push(Elements {
            list: number,
            elements: elements.map(|one| json.slice_ref(one.as_bytes())).collect(),
        });
    }
    Ok(found)
}

/// The elements of a list object, or of an array.
pub(crate) fn elements_of<'o>(json: &'o str, path: &str) -> Result<Vec<&'o str>, String> {
    match json.trim_start().as_bytes().first() {
        Some(b'[') => list::elements(json).map_err(|error| unlike(path, &error.to_string())),
        Some(b'{') => {
            let list = list::list(json).map_err(|error| unlike(path, &error.to_string()))?;
            match list.has_more {
                false => Ok(list.objects),
                true => Err(format!(
                    "its list `{path}` goes on, and its rest was not read"
                )),
            }
        }
        _ => Err(unlike(path, "another value")),
    }
}

fn unlike(path: &str, found: &str) -> String {
    format!("expected a list in `{path}`, got {found}")
}

/// Maps the elements of an object's lists, each with the list's model.
pub(super) fn map_all<'c>(
    model: &'static Model,
    parent: &'c str,
    lists: Vec<Elements>,
    context: &'c Context,
) -> BoxFuture<'c, Vec<Set>> {
    // On the heap, because sets may stand in sets.
    Box::pin(async move {
        let mut sets = Vec::with_capacity(lists.len());
        for Elements { list, elements } in lists {
            if let Some(children) = model.parts.declared.children.get(list) {
                let elements = elements.into_iter().map(Ok).collect();
                let elements = map_elements(model.child(children), parent, elements, context).await;
                sets.push(set(list, parent, elements));
            }
        }
        sets
    })
}

/// Maps the elements of one list of a parent, in their order.
pub(crate) async fn map_elements(
    model: &'static Model,
    parent: &str,
    elements: Vec<Result<Bytes, Failure>>,
    context: &Context,
) -> Vec<Mapped> {
    if !model.is_of_elements() {
        let context = context.clone().in_list(parent, 0);
        return map_page(model, elements, &context).await;
    }
    let mut mapped = Vec::with_capacity(elements.len());
    for (position, element) in elements.into_iter().enumerate() {
        let context = context.clone().in_list(parent, position);
        mapped.push(match element {
            Ok(element) => map(model, element, &context).await,
            Err(failure) => Mapped::Failed(failure),
        });
    }
    mapped
}

/// What a list is to the table of its elements. What is of another resource, deleted or outside the filter is no element.
pub(crate) fn set(list: usize, parent: &str, elements: Vec<Mapped>) -> Set {
    let mut set = Set {
        list,
        rows: Vec::with_capacity(elements.len()),
        kept: Vec::new(),
        is_partial: false,
        failures: Vec::new(),
    };
    for element in elements {
        match element {
            Mapped::Row(row) => set.rows.push(*row),
            Mapped::Failed(failure) | Mapped::OtherMode(failure) => {
                set.is_partial |= failure.id.is_empty();
                set.kept.push(failure.id.clone());
                set.failures.push(of_parent(failure, parent));
            }
            Mapped::Deleted(_) | Mapped::Outside(_) | Mapped::Other(_) => {}
        }
    }
    set
}

/// The failure of an element; one without an id is its parent's.
fn of_parent(failure: Failure, parent: &str) -> Failure {
    match failure.id.is_empty() {
        true => Failure {
            id: parent.to_owned(),
            ..failure
        },
        false => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::elements_of;

    #[test]
    fn lists_and_arrays_come_apart() {
        let list = r#"{"object": "list", "data": [{"id": "a"}, {}], "has_more": false}"#;
        assert_eq!(
            elements_of(list, "items").unwrap(),
            [r#"{"id": "a"}"#, "{}"]
        );
        assert_eq!(elements_of("[1, [2]]", "tiers").unwrap(), ["1", "[2]"]);
        assert!(elements_of("[]", "tiers").unwrap().is_empty());
        for (json, reason) in [
            (r#"{"data": [], "has_more": true}"#, "goes on"),
            (r#"{"id": "a"}"#, "expected a list in `items`"),
            ("7", "got another value"),
            ("[1", "expected a list"),
        ] {
            let error = elements_of(json, "items").unwrap_err();
            assert!(error.contains(reason), "{json}: {error}");
        }
    }
}
