//! Indexes: each is over fields of the struct, and there is one over the same fields.

use crate::attr::Name;
use crate::ctxt::Ctxt;
use crate::expand::reader;
use crate::model::{Field, Model, Role};
use crate::written::is_named;

/// Every name is that of a field whose value an index can hold.
pub(super) fn names_fields(cx: &Ctxt, model: &Model<'_>) {
    for name in model.attrs.indexes.iter().flat_map(|index| &index.fields) {
        match model.position(&name.name) {
            Some(_) => {}
            None => cx.error(name.span, no_field(model, name)),
        }
    }
    for (position, field) in model.fields.iter().enumerate() {
        if !is_document(field) {
            continue;
        }
        let message = format!(
            "an index finds single values, and `{}` is a document",
            field.name
        );
        let named = model.attrs.indexes.iter().flat_map(|index| &index.fields);
        let named = named.filter(|name| model.position(&name.name) == Some(position));
        named.for_each(|name| cx.error(name.span, &message));
        if let Some(word) = field.attrs.index.name() {
            cx.error(word.span(), &message);
        }
    }
}

/// Whether a field is kept as JSON or bytes, as far as its attributes and the name of its type say.
fn is_document(field: &Field<'_>) -> bool {
    const TYPES: [&str; 5] = ["BTreeMap", "HashMap", "Json", "Value", "Vec"];
    let is_read = field.role != Role::Local && matches!(reader(field), "json" | "serde_json");
    field.is_sound && (is_read || is_named(field.ty, &TYPES))
}

fn no_field(model: &Model<'_>, name: &Name) -> String {
    let wrong = format!("`{}` has no field `{}`", model.ident, name.name);
    // A column may have been meant, which has another name than its field.
    let of_column = model.fields.iter().find(|field| field.column == name.name);
    if let Some(field) = of_column {
        return format!("{wrong}: name the field of this column, `{}`", field.name);
    }
    if model.children.iter().any(|field| field.name == name.name) {
        return format!(
            "`{}` is no column: its rows are in the table of their own struct, which has its indexes",
            name.name
        );
    }
    let names: Vec<&str> = model.fields.iter().map(|field| &*field.name).collect();
    match stripe_sync_schema::nearest(&name.name, names.iter().copied()).first() {
        Some(near) => format!("{wrong}; did you mean `{near}`?"),
        None => format!("{wrong}; there are: {}", names.join(", ")),
    }
}

/// No two indexes of the struct are over the same fields in the same order.
pub(super) fn is_the_only_one(cx: &Ctxt, model: &Model<'_>) {
    let indexes = &model.attrs.indexes;
    let names =
        |fields: &[Name]| -> Vec<String> { fields.iter().map(|name| name.name.clone()).collect() };
    for (at, index) in indexes.iter().enumerate() {
        let fields = names(&index.fields);
        let mut before = indexes.iter().take(at);
        let twin = before.find(|other| names(&other.fields) == fields);
        // A unique one over a field with an index replaces it, but both were written.
        let marked = || match fields.as_slice() {
            [only] => model
                .fields
                .iter()
                .find(|field| field.name == *only && (field.attrs.index.is_set() || !index.unique)),
            _ => None,
        };
        let message = match (twin, marked()) {
            (Some(twin), _) => format!(
                "`{}({})` is here already, and finds the same rows",
                if twin.unique { "unique" } else { "index" },
                fields.join(", ")
            ),
            (None, Some(field)) if field.attrs.index.is_set() => {
                format!(
                    "`{}` has an index already, with #[stripe(index)]",
                    field.name
                )
            }
            (None, Some(field)) if field.attrs.references.is_set() => {
                format!("`{}` has an index already, with `references`", field.name)
            }
            (None, Some(field)) if field.role == Role::Parent => {
                format!("`{}` has an index already, with `parent`", field.name)
            }
            _ => continue,
        };
        cx.error(index.span, message);
    }
}
