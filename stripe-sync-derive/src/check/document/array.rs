//! `Vec` of single values, which is a column by itself.

use stripe_sync_schema::{Kind, Step};
use syn::Type;

use super::super::types::shown;
use super::{below, or_null};
use crate::model::{Field, Model};
use crate::written::{argument, last_segment, option};

/// Types of elements, by their names, and those that go into one column with them.
const TEXTS: &[&str] = &["String", "Box"];
const INTEGERS: &[&str] = &["i64", "i32", "i16", "i8", "u32", "u16"];
const FLOATS: &[&str] = &["f64"];
const BOOLEANS: &[&str] = &["bool"];

/// Whether a sequence is a column of its own: a `Vec`, of single values or of a type of the user's, for an array of single values.
pub(super) fn is_column(model: &Model<'_>, field: &Field<'_>, ty: &Type) -> bool {
    let Some(element) = element(ty) else {
        return false;
    };
    let is_named = |names: &[&str]| {
        last_segment(element).is_some_and(|last| names.iter().any(|name| last.ident == name))
    };
    let is_single = [TEXTS, INTEGERS, FLOATS, BOOLEANS]
        .into_iter()
        .any(is_named);
    let kind = below(model, field, Step::Index(0)).map(|found| found.kind);
    match kind.filter(|kind| *kind != Kind::Json) {
        None => is_single,
        // Bytes are no integers.
        Some(kind) if is_named(&["u8"]) => holder(kind).is_some_and(|(_, fit, _)| fit != INTEGERS),
        Some(kind) => holder(kind).is_some(),
    }
}

/// What is wrong with the type of the elements, as far as its name says.
pub(super) fn wrong_element(model: &Model<'_>, field: &Field<'_>, ty: &Type) -> Option<String> {
    let element = element(ty)?;
    if let Some(inside) = option(element) {
        let ty = or_null(field, format!("Vec<{}>", shown(inside)));
        return Some(format!("no element of this array is null: use `{ty}`"));
    }
    let found = below(model, field, Step::Index(0))?;
    let (what, fit, instead) = holder(found.kind)?;
    let name = &last_segment(element)?.ident;
    let is_other = [TEXTS, INTEGERS, FLOATS, BOOLEANS]
        .into_iter()
        .any(|names| names != fit && names.iter().any(|other| name == other));
    (is_other || name == "u8").then(|| {
        let ty = or_null(field, format!("Vec<{instead}>"));
        format!("the elements of this array are {what}: use `{ty}`")
    })
}

/// The inside of a `Vec`.
fn element(ty: &Type) -> Option<&Type> {
    let last = last_segment(ty)?;
    (last.ident == "Vec").then(|| argument(&last.arguments))?
}

/// What elements of a kind are, and the types that hold them; `None` for what is no single value.
fn holder(kind: Kind) -> Option<(&'static str, &'static [&'static str], &'static str)> {
    Some(match kind {
        Kind::Text | Kind::Currency | Kind::Date | Kind::Timestamp | Kind::Decimal => {
            ("text", TEXTS, "String")
        }
        Kind::Reference => ("references to other objects", TEXTS, "String"),
        Kind::Integer | Kind::Amount | Kind::UnixTime => ("integers", INTEGERS, "i64"),
        Kind::Number => ("numbers", FLOATS, "f64"),
        Kind::Boolean => ("true or false", BOOLEANS, "bool"),
        _ => return None,
    })
}
