//! Lists whose elements are rows of other models.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;

use super::paths::Slots;
use super::{located, place};
use crate::check::MAX_DEPTH;
use crate::model::element::{Listed, field_name, names};
use crate::model::{Field, Model};
use crate::written::{last_segment, vec};

/// `Children { .. }` of each field with `children`.
pub(super) fn children<'m>(
    model: &'m Model<'_>,
    slots: &'m Slots,
) -> impl Iterator<Item = TokenStream> + 'm {
    let krate = &model.krate;
    let fields = model.children.iter().enumerate();
    fields.filter_map(move |(index, field)| {
        let (child, at) = (vec(field.ty)?, place(field.ty));
        let (name, path, slot) = (&field.name, path(field), slots.children(index));
        let list = located(quote!(field: #name, path: #path, slot: #slot), at);
        Some(quote_spanned! {at=>
            __p::Children { #list, model: || <#child as #krate::StripeSync>::MODEL }
        })
    })
}

/// What is checked of each list as soon as the compiler knows the other struct: that its rows stand there. Beside the descriptor,
/// as that of references.
pub(super) fn assertions(model: &Model<'_>) -> TokenStream {
    let krate = &model.krate;
    let fields = model.children.iter();
    let assertions = fields.filter_map(|field| {
        let (child, at) = (vec(field.ty)?, place(field.ty));
        let held = located(held(model, field, child)?, at);
        Some(quote_spanned! {at=>
            const _: () = __p::holds(<#child as #krate::StripeSync>::MODEL, &#held);
        })
    });
    assertions.collect()
}

/// `Held { .. }`; `None` of a path that leads to no list, which is a mistake.
fn held(model: &Model<'_>, field: &Field<'_>, child: &Type) -> Option<TokenStream> {
    let steps = field.path.as_ref()?.steps();
    let (listed, path) = (Listed::at(&model.object, &steps)?, path(field));
    let (parent, objects) = (&model.object, listed.objects(&model.object, &path));
    let child = last_segment(child)?.ident.to_string();
    let list = format!("`{}` of `{}`", field.name, model.ident);
    let named: Vec<String> = objects.iter().map(|name| format!("\"{name}\"")).collect();
    let why = match &listed {
        Listed::Array(targets) if objects.len() <= targets.len() => {
            "an object without its parent's id may stand in many lists, so "
        }
        _ => "",
    };
    let other = format!(
        "{why}the rows of {list} have `object = {}`, and `{child}` has ",
        named.join("` or `object = ")
    );
    let orphan = format!(
        "the rows of {list} are found by the id of their `{parent}`, and `{child}` has no column for it: add `{}`",
        column(parent, &format!("{parent}.{path}"), &objects)
    );
    let foreign = format!(
        "the rows of {list} have a parent `{parent}`: write `parent = \"{parent}\"` in `{child}`, whose parent is "
    );
    let room = room(model, &listed, &path);
    let deep = format!(
        "Stripe expands {MAX_DEPTH} names deep, and below {list} {} left for `{child}`, which expands ",
        match room {
            0 => "none is".to_owned(),
            1 => "1 is".to_owned(),
            several => format!("{several} are"),
        }
    );
    Some(quote! {
        __p::Held {
            objects: &[#(#objects),*],
            parent: #parent,
            room: #room,
            other: #other,
            orphan: #orphan,
            foreign: #foreign,
            deep: #deep,
        }
    })
}

/// The column with the id of a parent, as each struct of these objects can have it.
fn column(parent: &str, element: &str, objects: &[String]) -> String {
    let named = objects.iter().map(|object| match object == element {
        true => Some((parent, true)),
        false => names(object, parent),
    });
    let mut named: Vec<_> = named.collect();
    named.dedup();
    match named.as_slice() {
        [Some((member, true))] => format!("#[stripe(parent)] {}: String", field_name(member)),
        [Some((member, false))] => format!("#[stripe(parent = \"{parent}\")] {member}: String"),
        _ => format!(
            "#[stripe(parent = \"{parent}\")] {}: String",
            field_name(parent)
        ),
    }
}

/// How many names are left below a list, in the list of the parents if there is one.
fn room(model: &Model<'_>, listed: &Listed, path: &str) -> usize {
    let resource = model.resource.iter();
    let is_listed = resource.flat_map(|own| own.walked()).next().is_some();
    let has_data = matches!(listed, Listed::List(_));
    let before = path.split('.').count() + usize::from(is_listed) + usize::from(has_data);
    MAX_DEPTH.saturating_sub(before)
}

/// Where the list stands, as `expand` names it.
fn path(field: &Field<'_>) -> String {
    let path = field.path.as_ref();
    path.map(crate::path::Path::without_indexes)
        .unwrap_or_default()
}
