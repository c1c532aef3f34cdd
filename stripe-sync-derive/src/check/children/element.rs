//! Structs of elements without an id, `object = "price.tiers"`.

use proc_macro2::Span;
use stripe_sync_schema::fields::{self, Inner};
use stripe_sync_schema::{Kind, Resource, Step};

use super::{all, one};
use crate::check::value::describe;
use crate::ctxt::Ctxt;
use crate::model::element::{Listed, field_name};
use crate::model::{Model, Role};
use crate::symbol::ID;

/// The key of an element is its parent and its place, and no id.
pub(super) fn has_its_key(cx: &Ctxt, model: &Model<'_>) {
    let Some(element) = &model.element else {
        return;
    };
    let (object, parent) = (&model.object, element.parent.object);
    for field in &model.fields {
        if let Some(word) = field.attrs.word(ID) {
            let message = format!(
                "the key of `{object}` objects is the {parent} and the place in its list, and no id: take `id` away"
            );
            cx.error(word.span(), message);
        }
    }
    let parent_field = format!("#[stripe(parent)] {}: String", field_name(parent));
    let position_field = "#[stripe(position)] position: i64";
    let missing = match (model.role(Role::Parent), model.role(Role::Position)) {
        (Some(_), Some(_)) => return,
        (None, None) => format!("`{parent_field}` and `{position_field}`"),
        (None, Some(_)) => format!("`{parent_field}`"),
        (Some(_), None) => format!("`{position_field}`"),
    };
    // An attribute with a mistake may have been the one.
    if model.fields.iter().all(|field| field.is_sound) {
        let message = format!(
            "the key of `{object}` objects is the {parent} and the place in its list: add {missing}"
        );
        cx.error(model.ident.span(), message);
    }
}

/// The set of a parent's elements is replaced as one: no element is found deleted, changed or listed by itself.
pub(super) fn has_no_identity(cx: &Ctxt, model: &Model<'_>) {
    let Some(element) = &model.element else {
        return;
    };
    let attrs = &model.attrs;
    let parent = element.parent.object;
    let own = |why: &str| format!("elements are known by their place alone: {why}");
    let refused: [(Option<Span>, String); 6] = [
        (
            attrs.on_delete.name().map(|word| word.span()),
            own(
                "the rows of an array are replaced together, and none of them is deleted by itself: take `on_delete` away",
            ),
        ),
        (
            model
                .role(Role::DeletedAt)
                .map(|field| field.attrs.deleted_at.span_or(field.ident.span())),
            own(
                "the rows of an array are replaced together, so `deleted_at` would never be set: take the field away",
            ),
        ),
        (
            attrs.unversioned.name().map(|word| word.span()),
            own("their table has no bookkeeping columns anyway: take `unversioned` away"),
        ),
        (
            attrs.after_commit.name().map(|word| word.span()),
            own(&format!(
                "nothing says which one changed: write `after_commit` on the struct of the {parent}"
            )),
        ),
        (
            attrs.sync.name().map(|word| word.span()),
            own(&format!(
                "the rows of an array are written together: write `sync` on the struct of the {parent}"
            )),
        ),
        (
            attrs.filters.first().map(|filter| filter.name_span),
            own(&format!(
                "no list shows them by themselves: write `filter` on the struct of the {parent}"
            )),
        ),
    ];
    for (span, message) in refused {
        if let Some(span) = span {
            cx.error(span, message);
        }
    }
}

/// What is wrong with an `object` that begins with a resource and names none of its arrays; `None` if it does not begin so.
pub(in crate::check) fn no_elements(object: &str) -> Option<String> {
    let (parent, path) = fields::inside(object)?;
    let keys: Vec<Step<'_>> = path.split('.').map(Step::Key).collect();
    let name = parent.object;
    let wrong = format!("Stripe has no resource `{object}`, and");
    let Ok(found) = fields::resolve(name, &keys) else {
        let near = suggested(parent, path);
        return Some(match near.as_slice() {
            [] => format!(
                "{wrong} {} has no array `{path}`{}",
                one(name),
                arrays(parent)
            ),
            near => format!(
                "{wrong} {} has no array `{path}`; did you mean {}?",
                one(name),
                all(near, "or")
            ),
        });
    };
    Some(match Listed::at(name, &keys) {
        Some(Listed::List(targets)) => {
            let targets = targets.iter().map(|target| (*target).to_owned());
            format!(
                "`{path}` of {} is a list of objects with ids: write `object = \"{}\"`",
                one(name),
                targets.collect::<Vec<_>>().join("\"` or `object = \"")
            )
        }
        Some(Listed::Ids(_)) => format!(
            "the elements of `{path}` are ids: keep them in a `Vec<String>` of the struct of the {name}"
        ),
        Some(Listed::Values(_)) => format!(
            "the elements of `{path}` are single values: keep them in a `Vec` of the struct of the {name}"
        ),
        Some(Listed::Array(_) | Listed::Plain) => return None,
        None => {
            let kind = match found.kind {
                Kind::Resource => "a whole object",
                kind => describe(kind),
            };
            format!(
                "{wrong} `{path}` of {} is {kind}, not an array of objects{}",
                one(name),
                arrays(parent)
            )
        }
    })
}

/// The arrays of objects in a resource.
fn of(parent: &Resource) -> impl Iterator<Item = Inner> {
    let lists = fields::inner(parent.object).into_iter();
    lists.filter(|list| !list.is_list)
}

fn suggested(parent: &Resource, path: &str) -> Vec<String> {
    let paths: Vec<String> = of(parent).map(|list| list.path).collect();
    let near = stripe_sync_schema::nearest(path, paths.iter().map(String::as_str));
    near.iter()
        .map(|path| format!("{}.{path}", parent.object))
        .collect()
}

/// The names of a resource's arrays, for a message.
fn arrays(parent: &Resource) -> String {
    /// More help nobody.
    const MOST: usize = 12;
    let names: Vec<String> = of(parent)
        .map(|list| format!("{}.{}", parent.object, list.path))
        .collect();
    match names.len() {
        0 => String::new(),
        1 => format!("; its array is {}", all(&names, "and")),
        2..=MOST => format!("; its arrays are {}", all(&names, "and")),
        _ => String::new(),
    }
}
