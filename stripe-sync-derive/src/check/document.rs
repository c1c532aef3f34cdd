//! The form of a document: what is read into a sequence has to be an array, what is read into a map an object. serde would find
//! out at the first object, and every object would fail.

mod array;

use stripe_sync_schema::{Kind, Resolved, Step, fields};
use syn::Type;

use super::types::{self, shown};
use super::value::describe;
use crate::ctxt::Ctxt;
use crate::model::{Field, Model, Role};
use crate::written::{PLAIN, argument, is_named, last_segment, option, vec};

/// The form that a type reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Array,
    Object,
    Single,
}

/// The types of the standard library and its like, by their last names.
const FORMS: &[(Form, &[&str])] = &[
    (
        Form::Array,
        &[
            "Vec",
            "VecDeque",
            "HashSet",
            "BTreeSet",
            "IndexSet",
            "LinkedList",
        ],
    ),
    (Form::Object, &["HashMap", "BTreeMap", "IndexMap"]),
    (
        Form::Single,
        &[
            "String",
            "str",
            "bool",
            "char",
            "f32",
            "f64",
            "i8",
            "i16",
            "i32",
            "i64",
            "u8",
            "u16",
            "u32",
            "u64",
            "Decimal",
            "DateTime",
            "NaiveDate",
        ],
    ),
];

/// What a document is read into has its form.
pub(super) fn has_the_form_of_its_type(cx: &Ctxt, model: &Model<'_>, field: &Field<'_>) {
    if !field.is_sound || field.attrs.with.is_set() || field.attrs.parse.is_set() {
        return;
    }
    let ty = option(field.ty).unwrap_or(field.ty);
    // `Json<...>` holds any form, and so does what `json` reads.
    let (inner, is_wrapped) = match last_segment(ty) {
        Some(last) if last.ident == "Json" => match argument(&last.arguments) {
            Some(inner) => (option(inner).unwrap_or(inner), true),
            None => return,
        },
        _ => (ty, field.attrs.json.is_set()),
    };
    let Some(read) = form(inner) else {
        return;
    };
    let kind = match (field.role, field.known()) {
        (Role::Raw, _) => Kind::Object,
        (Role::Mapped, Some(found)) => found.kind,
        _ => return,
    };
    if kind == Kind::Json {
        if !is_wrapped && !types::is_unfit(ty) {
            of_any_shape(cx, model, field);
        }
        return;
    }
    let elements = whole_elements(model, field, inner);
    let message = match (kind, read) {
        (Kind::List, Form::Array) => in_data(model, field, is_wrapped) + &or_children(field, inner),
        (Kind::Array, Form::Array) if elements.is_some() => elements.unwrap_or_default(),
        (Kind::Array, Form::Object | Form::Single) if is_wrapped => {
            "Stripe sends an array here: read it into `Json<Vec<...>>` or `Json<serde_json::Value>`".to_owned()
        }
        // Only maps of strings are columns by themselves, and no sequence but `Vec` of single values is.
        (Kind::Array, Form::Array) if !is_wrapped && array::is_column(model, field, inner) => {
            match array::wrong_element(model, field, inner) {
                Some(message) => message,
                None => return,
            }
        }
        (Kind::Array, Form::Array) if !is_wrapped => format!(
            "a column of such an array is JSON: use `{}`{}",
            or_null(field, in_json(field.ty)),
            or_children(field, inner)
        ),
        (Kind::Object | Kind::Resource, Form::Single) if !is_wrapped => match its_id(model, field) {
            Some(message) => message,
            None => return,
        },
        (Kind::Object | Kind::Resource | Kind::List, Form::Object) if !is_wrapped => match field.role {
            Role::Raw => "a whole object has values of many types: use `Json<serde_json::Value>`, or `Json<...>` of your own serde type".to_owned(),
            _ => format!(
                "Stripe sends {} with values of many types here: use `Json<serde_json::Value>`, or `Json<...>` of your own serde type",
                describe(kind)
            ),
        },
        (Kind::Object | Kind::Resource | Kind::Map | Kind::List, Form::Array | Form::Single) if is_wrapped => {
            format!(
                "Stripe sends {} here, and no {}: read it into `Json<serde_json::Value>`, or `Json<...>` of your own serde type",
                match field.role {
                    Role::Raw => "the whole object",
                    _ => describe(kind),
                },
                match read {
                    Form::Array => "array",
                    _ => "single value",
                }
            )
        }
        _ => return,
    };
    cx.error_spanned(field.ty, message);
}

/// The other way, where the elements are of a type of the user's.
fn or_children(field: &Field<'_>, read: &Type) -> String {
    let own = |row: &&Type| matches!(row, Type::Path(_)) && !is_named(row, &PLAIN);
    let Some(row) = vec(read).filter(own) else {
        return String::new();
    };
    let write = match field.attrs.path.is_set() {
        true => "add `children`",
        false => "write #[stripe(children)]",
    };
    format!("; for rows in the table of `{}` {write}", shown(row))
}

/// What is wrong where elements that are whole objects are read into single values: serde would find out at the first object.
fn whole_elements(model: &Model<'_>, field: &Field<'_>, read: &Type) -> Option<String> {
    let element = argument(&last_segment(read)?.arguments)?;
    let found = below(model, field, Step::Index(0))?;
    let is_whole = matches!(found.kind, Kind::Object | Kind::Resource | Kind::Map);
    (is_whole && form(element) == Some(Form::Single)).then(|| {
        let what = match found.targets.as_slice() {
            [only] => format!("whole `{only}` objects"),
            _ => "objects".to_owned(),
        };
        let ty = or_null(field, "Json<Vec<serde_json::Value>>".to_owned());
        format!("the elements of this array are {what}: use `{ty}`, or a serde type of your own for them")
    })
}

/// The place of the id, where a whole object stands and single value is wanted: mostly it was a foreign key.
fn its_id(model: &Model<'_>, field: &Field<'_>) -> Option<String> {
    let path = field.path.as_ref()?;
    let unchecked = match below(model, field, Step::Key("id"))?.kind {
        Kind::Json => ", unchecked",
        _ => "",
    };
    if field.attrs.expand.is_set() {
        return Some(format!(
            "`expand` asks for the whole object: take it away for its id, use `{}`, or write a longer path for one of its members",
            or_null(field, "Json<serde_json::Value>".to_owned())
        ));
    }
    let write = match field.attrs.path.is_set() {
        true => format!("`path = {path}.id{unchecked}`"),
        false => format!("#[stripe(path = {path}.id{unchecked})]"),
    };
    Some(format!(
        "Stripe sends a whole object here: write {write} for its id, or a longer path for another member"
    ))
}

/// What is wrong where a single value is read from below a member of any shape: the schema says nothing of what is there.
fn of_any_shape(cx: &Ctxt, model: &Model<'_>, field: &Field<'_>) {
    let Some(path) = field.path.as_ref() else {
        return;
    };
    let steps = path.steps();
    let is_described = |count: &usize| {
        let (here, before) = (steps.get(..*count), steps.get(..count.saturating_sub(1)));
        let (here, before) = (here.unwrap_or_default(), before.unwrap_or_default());
        let is_json = |steps| {
            fields::resolve_expanded(&model.object, steps)
                .is_ok_and(|found| found.kind == Kind::Json)
        };
        let is_named = |key: &str| {
            let members = fields::children(&model.object, before);
            members.iter().any(|member| member.name == key)
        };
        !is_json(here)
            || match here.last() {
                Some(Step::Key(key)) => is_named(key),
                _ => !is_json(before),
            }
    };
    // The steps that the schema describes. The first one is always there.
    let known = (1..=steps.len()).take_while(is_described).count().max(1);
    let member = path.until(known);
    let below = path.segments.get(known);
    let span = below.map_or(field.ident.span(), |segment| segment.span);
    let message = if below.is_none() {
        format!(
            "`{member}` may be any JSON: use `{}`, or read it in your own way with `path = {member}, with = function`",
            or_null(field, "Json<serde_json::Value>".to_owned())
        )
    } else {
        format!(
            "`{member}` of `{}` may be an object of any shape, so the schema does not say what `{path}` is: read it unchecked with `path = {path}, unchecked`, keep all of it with `path = {member}` and `Json<serde_json::Value>`, or call a function with `path = {member}, with = function`",
            model.object
        )
    };
    cx.error(span, message);
}

/// What stands one step below the field's value.
fn below(model: &Model<'_>, field: &Field<'_>, step: Step<'_>) -> Option<Resolved> {
    let mut steps = field.path.as_ref()?.steps();
    steps.push(step);
    fields::resolve_expanded(&model.object, &steps).ok()
}

/// A type, in an `Option` if the value may be null.
fn or_null(field: &Field<'_>, ty: String) -> String {
    match field.may_be_null() && !ty.starts_with("Option<") {
        true => format!("Option<{ty}>"),
        false => ty,
    }
}

/// The type inside `Json`, and that inside the `Option`.
fn in_json(ty: &Type) -> String {
    match option(ty) {
        Some(inside) => format!("Option<{}>", in_json(inside)),
        None => format!("Json<{}>", shown(ty)),
    }
}

/// The advice for a list that is read as its elements.
fn in_data(model: &Model<'_>, field: &Field<'_>, is_wrapped: bool) -> String {
    let path = field
        .path
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let data = match field.attrs.path.is_set() {
        true => format!("`path = {path}.data`"),
        false => format!("#[stripe(path = {path}.data)]"),
    };
    let ty = match is_wrapped {
        true => String::new(),
        false => format!(" and `{}`", in_json(field.ty)),
    };
    format!(
        "`{path}` of `{}` is a list object, whose elements are in `data`: write {data}{ty}",
        model.object
    )
}

fn form(ty: &Type) -> Option<Form> {
    match ty {
        Type::Slice(_) | Type::Array(_) => Some(Form::Array),
        Type::Path(_) => {
            let last = last_segment(ty)?;
            if last.ident == "Box" {
                return form(argument(&last.arguments)?);
            }
            let mut forms = FORMS.iter();
            let (form, _) = forms.find(|(_, names)| names.iter().any(|name| last.ident == name))?;
            Some(*form)
        }
        _ => None,
    }
}
