//! Lists whose elements are rows of their own: the fields that hold them, the columns that say where a row stands, and the
//! structs of elements without an id.

mod element;
mod list;
mod parent;

use stripe_sync_schema::{catalogue, fields};

use crate::ctxt::Ctxt;
use crate::model::Model;

pub(super) use element::no_elements;
pub(super) use list::{is_in_the_object, lists};

/// Every rule about children, parents and elements.
pub(super) fn stand_in_their_lists(cx: &Ctxt, model: &Model<'_>) {
    list::hold_rows(cx, model);
    parent::is_the_object_around(cx, model);
    parent::position_is_of_elements(cx, model);
    element::has_its_key(cx, model);
    element::has_no_identity(cx, model);
}

/// The lists in which objects of a resource stand: the object that has the list, and where it is there.
fn holders(object: &str) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for resource in catalogue::resources() {
        let lists = fields::inner(resource.object).into_iter();
        let lists = lists.filter(|list| list.targets.contains(&object));
        found.extend(lists.map(|list| (resource.object, list.path)));
    }
    found
}

/// `` `a`, `b` and `c` ``
fn all(names: &[String], word: &str) -> String {
    match names {
        [] => String::new(),
        [only] => format!("`{only}`"),
        [first @ .., last] => format!("`{}` {word} `{last}`", first.join("`, `")),
    }
}

/// What a struct of one of these objects has, as it is written.
fn objects<'o>(names: impl IntoIterator<Item = &'o &'static str>) -> String {
    let names = names.into_iter();
    let written: Vec<String> = names.map(|name| format!("object = \"{name}\"")).collect();
    all(&written, "or")
}

/// `a` or `an`, with the name.
fn one(object: &str) -> String {
    match object.starts_with(['a', 'e', 'i', 'o', 'u']) {
        true => format!("an `{object}`"),
        false => format!("a `{object}`"),
    }
}
