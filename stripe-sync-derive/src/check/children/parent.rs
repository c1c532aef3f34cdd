//! `parent` and `position`: the object in whose list a row stands, and the place in it.

use stripe_sync_schema::catalogue::Recipe;
use stripe_sync_schema::{Kind, Resource, catalogue, fields};

use super::{all, holders, one};
use crate::check::types::shown;
use crate::check::value::describe;
use crate::ctxt::Ctxt;
use crate::model::parent::Parent;
use crate::model::{Field, Model, Role, Schema};
use crate::symbol::{PARENT, POSITION};
use crate::written::is_named;

/// The column of the parent holds the id of an object that has a list of such objects.
pub(super) fn is_the_object_around(cx: &Ctxt, model: &Model<'_>) {
    if !model.is_known() {
        return;
    }
    let Some((_, field, parent)) = model.parent() else {
        return;
    };
    let Some(word) = field.attrs.word(PARENT).filter(|_| field.is_sound) else {
        return;
    };
    if matches!(field.schema, Schema::Wrong(_) | Schema::Unexpanded(_)) {
        return;
    }
    let written = field.attrs.parent.get().and_then(Option::as_ref);
    let span = written.map_or(word.span(), syn::LitStr::span);
    if let Some(element) = &model.element {
        let parent_object = element.parent.object;
        if let Some(path) = field.attrs.path.name() {
            let message = format!(
                "an element does not name the {parent_object} in which it stands, the list does: take `path` away"
            );
            cx.error(path.span(), message);
        } else if parent.resource().map(|parent| parent.object) != Some(parent_object) {
            let message = format!(
                "`{}` objects stand in {}: write `parent` alone",
                model.object,
                one(parent_object)
            );
            cx.error(span, message);
        }
        return;
    }
    if let Some(message) = not_an_id(field) {
        cx.error(field.attrs.path.span_or(word.span()), message);
        return;
    }
    let message = match &parent {
        Parent::Unknown => {
            let name = written.map(syn::LitStr::value).unwrap_or_default();
            no_resource(model, &name)
        }
        Parent::Unsaid(targets) => unsaid(model, field, targets),
        Parent::Known(parent) => match wrong(model, field, parent) {
            Some(message) => message,
            None => return,
        },
    };
    cx.error(span, message);
}

/// What Stripe sends there is no id.
fn not_an_id(field: &Field<'_>) -> Option<String> {
    let found = field.known()?;
    let is_id = match found.kind {
        Kind::Reference => true,
        Kind::Text => found.values.is_empty(),
        _ => false,
    };
    let sent = match found.kind {
        Kind::Text => "one of a set of words",
        kind => describe(kind),
    };
    (!is_id).then(|| {
        let advice = match found.kind {
            Kind::List | Kind::Array => "; a list of rows is marked with `children`",
            _ => "",
        };
        format!(
            "`parent` is the id of the object in whose list this one stands, and Stripe sends {sent} here{advice}"
        )
    })
}

fn no_resource(model: &Model<'_>, name: &str) -> String {
    let wrong = format!("Stripe has no resource `{name}`");
    if let Some((parent, _)) = fields::inside(name) {
        return format!(
            "{wrong}: a parent is a whole object with an id, as in `parent = \"{}\"`",
            parent.object
        );
    }
    let near = catalogue::nearest(name);
    let near: Vec<String> = near.iter().map(|name| (*name).to_owned()).collect();
    match near.as_slice() {
        [] => format!("{wrong}{}", stands_in(model)),
        near => format!("{wrong}; did you mean {}?", all(near, "or")),
    }
}

/// Nothing says which object it is.
fn unsaid(model: &Model<'_>, field: &Field<'_>, targets: &[&'static str]) -> String {
    let object = &model.object;
    if let ([_, ..], Some(path)) = (targets, &field.path) {
        let named = targets.iter();
        let named: Vec<String> = named.map(|name| format!("parent = \"{name}\"")).collect();
        return format!(
            "`{path}` of `{object}` is the id of one of several objects: say which has the list, {}",
            all(&named, "or")
        );
    }
    match &field.path {
        Some(path) => format!(
            "nothing says whose id `{path}` of `{object}` is: write `parent = \"...\"`{}",
            stands_in(model)
        ),
        None => format!(
            "`{object}` has no field `{}` that names its parent: write `parent = \"...\"`{}",
            field.name,
            stands_in(model)
        ),
    }
}

/// The parent has no such list, or is another object than the one whose id is there.
fn wrong(model: &Model<'_>, field: &Field<'_>, parent: &Resource) -> Option<String> {
    let (object, parent) = (&model.object, parent.object);
    let found = field.known().filter(|found| found.kind == Kind::Reference);
    if let (Some(found), Some(path)) = (found, &field.path)
        && !found.targets.is_empty()
        && !found.targets.contains(&parent)
    {
        let targets: Vec<String> = found
            .targets
            .iter()
            .map(|name| (*name).to_owned())
            .collect();
        return Some(format!(
            "`{path}` of `{object}` is the id of {}, not of {}: give the column a name that is no field of `{object}`",
            targets.first().map(|first| one(first)).unwrap_or_default(),
            one(parent)
        ));
    }
    let mut lists = fields::inner(parent).into_iter();
    let has_list = lists.any(|list| list.targets.contains(&object.as_str()));
    let mut nested = model.resource.iter().flat_map(|own| &own.nested);
    let is_nested = nested.any(|list| list.parent == Some(parent));
    if has_list || is_nested || parents_of_list(model).any(|of| of == parent) {
        return None;
    }
    Some(format!(
        "no list of {} holds `{object}` objects{}",
        one(parent),
        stands_in(model)
    ))
}

/// The parents for each of which such objects are listed: `/v1/entitlements/active_entitlements` demands `customer`.
fn parents_of_list<'m>(model: &'m Model<'_>) -> impl Iterator<Item = &'static str> + 'm {
    let recipes = model.resource.iter().flat_map(|own| &own.recipes);
    recipes.filter_map(|recipe| match recipe {
        Recipe::PerParent { parent, .. } => Some(*parent),
        _ => None,
    })
}

/// The lists in which such objects stand.
fn stands_in(model: &Model<'_>) -> String {
    /// More help nobody.
    const MOST: usize = 4;
    let object = &model.object;
    let holders = holders(object);
    let shown = holders.iter().take(MOST);
    let shown: Vec<String> = shown
        .map(|(parent, path)| format!("`{path}` of {}", one(parent)))
        .collect();
    match shown.as_slice() {
        [] if parents_of_list(model).next().is_some() => {
            let parents: Vec<String> = parents_of_list(model).map(one).collect();
            let parents = parents.join(" or ");
            format!("; `{object}` objects are listed for {parents}")
        }
        [] => format!(
            "; no object has a list of `{object}` objects: take `parent` away, `references` marks the id of another object"
        ),
        [only] => format!("; `{object}` objects stand in {only}"),
        [first @ .., last] => format!(
            "; `{object}` objects stand in {} and {last}",
            first.join(", ")
        ),
    }
}

/// Only what has no id is known by its place, which is a number.
pub(super) fn position_is_of_elements(cx: &Ctxt, model: &Model<'_>) {
    const NUMBERS: [&str; 13] = [
        "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "i128", "u128", "isize", "usize",
        "Option",
    ];
    const OTHERS: [&str; 9] = [
        "Box", "DateTime", "Decimal", "Json", "String", "Value", "Vec", "bool", "f64",
    ];
    let Some(field) = model.role(Role::Position).filter(|field| field.is_sound) else {
        return;
    };
    if model.resource.is_some() {
        let message = format!(
            "`position` is the key of elements without an id, and `{}` objects have one: take it away",
            model.object
        );
        let span = field.attrs.word(POSITION).unwrap_or(field.ident).span();
        cx.error(span, message);
    } else if is_named(field.ty, &OTHERS) && !is_named(field.ty, &NUMBERS) {
        let message = format!(
            "a position is a number, from 0, and `{}` is none: use `i64`",
            shown(field.ty)
        );
        cx.error_spanned(field.ty, message);
    }
}
