//! Fields with `children`: the type is a `Vec` of another struct, and the path leads to a list or an array in the object itself.

use stripe_sync_schema::{Kind, catalogue, fields};
use syn::Type;

use super::{all, objects, one};
use crate::check::types::shown;
use crate::check::value::describe;
use crate::ctxt::Ctxt;
use crate::model::element::Listed;
use crate::model::{Field, Model, Schema};
use crate::path::Path;
use crate::written::{PLAIN, is_named, option, vec};

/// Each field with `children` holds rows of another struct, which stand in a list of the object.
pub(super) fn hold_rows(cx: &Ctxt, model: &Model<'_>) {
    for (at, field) in model.children.iter().enumerate() {
        if let Some(word) = field.attrs.children.name()
            && model.element.is_some()
        {
            let message = format!(
                "`{}` objects are known by their place alone, which rows below them could not name: take `{}` away, or keep it whole in `Json<...>`",
                model.object, field.name
            );
            cx.error(word.span(), message);
            continue;
        }
        let is_vec = is_a_list_of_rows(cx, field);
        if is_vec && field.is_sound {
            let before = model.children.get(..at).unwrap_or_default();
            is_the_only_one(cx, field, before);
        }
    }
}

fn is_a_list_of_rows(cx: &Ctxt, field: &Field<'_>) -> bool {
    let message = if let Some(inside) = option(field.ty) {
        format!(
            "a list that Stripe leaves out has no rows, which an empty `Vec` says: use `{}`",
            match vec(inside) {
                Some(_) => shown(inside),
                None => format!("Vec<{}>", shown(inside)),
            }
        )
    } else if let Some(row) = vec(field.ty) {
        if !is_named(row, &PLAIN) && matches!(row, Type::Path(_)) {
            return true;
        }
        format!(
            "`children` are rows of another struct with #[derive(StripeSync)], and `{}` is none: for a document in this table, take `children` away",
            shown(row)
        )
    } else {
        let row = match is_named(field.ty, &PLAIN) || !matches!(field.ty, Type::Path(_)) {
            true => "SubscriptionItem".to_owned(),
            false => shown(field.ty),
        };
        format!(
            "`children` are the rows of a list: use a `Vec` of their struct, as in `Vec<{row}>`"
        )
    };
    cx.error_spanned(field.ty, message);
    false
}

/// The rows of a struct are those of one list: their parent says where they stand, and not in which list.
fn is_the_only_one(cx: &Ctxt, field: &Field<'_>, before: &[Field<'_>]) {
    let twin = before
        .iter()
        .find(|other| vec(other.ty).map(shown) == vec(field.ty).map(shown));
    if let (Some(other), Some(row)) = (twin, vec(field.ty)) {
        let message = format!(
            "the rows of `{}` are those of `{}` already: give this list a struct and a table of its own",
            shown(row),
            other.name
        );
        cx.error_spanned(field.ty, message);
    }
}

/// The path of a field with `children` leads to objects, and through none. Returns whether that is so; of a path that leads
/// nowhere another rule speaks.
pub(in crate::check) fn is_in_the_object(cx: &Ctxt, model: &Model<'_>, field: &Field<'_>) -> bool {
    let Some(path) = &field.path else {
        return true;
    };
    if !field.is_sound || model.element.is_some() || matches!(field.schema, Schema::Wrong(_)) {
        return true;
    }
    let Some(message) = wrong(model, path) else {
        return true;
    };
    cx.error(path.span(), message);
    false
}

fn wrong(model: &Model<'_>, path: &Path) -> Option<String> {
    let object = &model.object;
    let whole = |path: &Path| fields::resolve_expanded(object, &path.steps()).ok();
    // The rows of a list in another object have that for a parent.
    let mut through = (1..path.segments.len()).map(|count| path.until(count));
    let other = through.find_map(|before| {
        let found = whole(&before)?;
        match found.kind {
            Kind::Resource | Kind::Reference => Some((before, found.targets)),
            _ => None,
        }
    });
    let kind = whole(path)?.kind;
    if let Some(index) = path
        .first_index()
        .and(path.segments.iter().position(is_index))
    {
        let array = path.until(index);
        let list = list_of(object, &array).unwrap_or(array);
        return Some(format!(
            "`children` are all elements of a list: write `path = {list}`, without an index"
        ));
    }
    if let Some((before, targets)) = other {
        return Some(format!(
            "`{path}` is a list of another object, `{before}`: write `children` in a struct with {}",
            objects(&targets)
        ));
    }
    if let Some(list) = list_of(object, path) {
        return Some(format!(
            "`{path}` are the elements of the list `{list}`: write `path = {list}`"
        ));
    }
    match Listed::at(object, &path.steps()) {
        Some(Listed::List(_) | Listed::Array(_) | Listed::Plain) => None,
        Some(Listed::Ids(targets)) => {
            let is_model = |target: &&&str| catalogue::resource(target).is_some();
            let models = objects(targets.iter().filter(is_model));
            let read = match models.as_str() {
                "" => String::new(),
                models => format!(", and derive a struct with {models}"),
            };
            Some(format!(
                "`children` are objects, and the elements of `{path}` are ids: keep them in a `Vec<String>` without `children`{read}"
            ))
        }
        Some(Listed::Values(_)) => Some(format!(
            "`children` are objects, and the elements of `{path}` are single values: keep them in a `Vec` without `children`"
        )),
        None => Some(format!(
            "`children` are the elements of a list, and Stripe sends {} here{}",
            describe(kind),
            lists(object)
        )),
    }
}

fn is_index(segment: &crate::path::Segment) -> bool {
    matches!(segment.step, crate::path::Place::Index(_))
}

/// The list whose `data` a path is.
fn list_of(object: &str, path: &Path) -> Option<Path> {
    let (last, before) = path.segments.split_last()?;
    let list = path.until(before.len());
    let found = fields::resolve_expanded(object, &list.steps()).ok()?;
    (last.is_key("data") && found.kind == Kind::List).then_some(list)
}

/// What `children` of an object can be.
pub(in crate::check) fn lists(object: &str) -> String {
    /// More help nobody.
    const MOST: usize = 12;
    let paths: Vec<String> = fields::inner(object)
        .into_iter()
        .map(|list| list.path)
        .collect();
    match paths.len() {
        0 => format!("; {} has no lists", one(object)),
        1 => format!("; the list of {} is {}", one(object), all(&paths, "and")),
        2..=MOST => format!("; the lists of {} are {}", one(object), all(&paths, "and")),
        _ => String::new(),
    }
}
