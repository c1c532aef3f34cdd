//! What the struct says of its table beside the columns: references, indexes and comments.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use stripe_sync_schema::{Kind, fields};

use super::paths::Slots;
use super::{children, constant, located, option, place};
use crate::model::{Field, Model, Role};

/// `Declared { .. }`; of a struct that says nothing of the kind, the one that all of these share.
pub(super) fn declared(model: &Model<'_>, slots: &Slots) -> TokenStream {
    let (krate, at) = (&model.krate, place(model.ident));
    let mut parts = Vec::new();
    let references: Vec<TokenStream> = references(model)
        .map(|(position, _, path)| {
            let at = place(path);
            let column = located(quote!(column: #position), at);
            quote_spanned!(at=> __p::Reference { #column, model: || <#path as #krate::StripeSync>::MODEL })
        })
        .collect();
    if !references.is_empty() {
        parts.push(quote_spanned!(at=> references: &[#(#references),*],));
    }
    let indexes = indexes(model);
    if !indexes.is_empty() {
        let indexes = indexes.iter().map(
            |(columns, unique)| quote!(__p::Index { columns: &[#(#columns),*], unique: #unique }),
        );
        parts.push(located(quote!(indexes: &[#(#indexes),*],), at));
    }
    if let Some(comment) = &model.comment {
        let comment = option(Some(comment), Span::call_site());
        parts.push(located(quote!(comment: #comment,), at));
    }
    let comments = model.fields.iter().enumerate();
    let comments: Vec<TokenStream> = comments
        .filter_map(|(position, field)| {
            let comment = field.comment.as_ref()?;
            Some(quote!((#position, #comment)))
        })
        .collect();
    if !comments.is_empty() {
        parts.push(located(quote!(comments: &[#(#comments),*],), at));
    }
    let members = slots.members();
    if !members.is_empty() {
        let members = members
            .iter()
            .map(|(slot, of)| quote!((#slot, &[#(#of),*])));
        parts.push(located(quote!(members: &[#(#members),*],), at));
    }
    if !model.children.is_empty() {
        let children = children::children(model, slots);
        parts.push(quote_spanned!(at=> children: &[#(#children),*],));
    }
    if let Some((column, _, parent)) = model.parent() {
        let object = parent.resource().map_or("", |resource| resource.object);
        let parent = quote!(__p::ParentColumn { column: #column, object: #object });
        let parent = option(Some(parent), Span::call_site());
        parts.push(located(quote!(parent: #parent,), at));
    }
    let fields = model.fields.iter().enumerate();
    let redacted: Vec<usize> = fields
        .filter_map(|(position, field)| field.attrs.redact.is_set().then_some(position))
        .collect();
    if !redacted.is_empty() {
        parts.push(located(quote!(redacted: &[#(#redacted),*],), at));
    }
    match parts.len() {
        0 => quote_spanned!(at=> __p::Declared::NONE),
        _ => quote_spanned!(at=> __p::Declared { #(#parts)* ..__p::Declared::NONE }),
    }
}

/// What is checked of references as soon as the compiler knows the other struct, that it mirrors what Stripe refers to, and of
/// children. Beside
/// the descriptor and not in it, because descriptors refer to each other in circles.
pub(super) fn assertions(model: &Model<'_>) -> TokenStream {
    let krate = &model.krate;
    let of_children = children::assertions(model);
    let of_references = references(model).map(|(position, field, path)| {
            let (constant, at) = (constant(position, field), place(path));
            let objects = objects(model, field);
            let known = known(model, field, path, &objects).map(|known| {
                let known = located(known, at);
                quote_spanned! {at=>
                    const _: () = __p::mirrors(<#path as #krate::StripeSync>::MODEL, #known);
                }
            });
            let kept = "a reference is the id of one object, kept as text: use `String`, or an `Option` of it";
            let kept = located(quote!(#kept), at);
            quote_spanned! {at=>
                #known
                const _: () = ::core::assert!(::core::matches!(#constant.cell(), #krate::CellType::Text), #kept);
            }
    });
    of_references.chain([of_children]).collect()
}

/// The fields with `references`, their places and the other structs.
fn references<'m>(
    model: &'m Model<'_>,
) -> impl Iterator<Item = (usize, &'m Field<'m>, &'m syn::Path)> {
    let fields = model.fields.iter().enumerate();
    fields.filter_map(|(position, field)| Some((position, field, field.attrs.references.get()?)))
}

/// The objects whose ids Stripe sends there; empty if the schema does not say.
fn objects(model: &Model<'_>, field: &Field<'_>) -> Vec<&'static str> {
    if field.role == Role::Parent {
        let parent = model.parent().and_then(|(_, _, parent)| parent.resource());
        return parent.into_iter().map(|parent| parent.object).collect();
    }
    let (Some(found), Some(path)) = (field.known(), &field.path) else {
        return Vec::new();
    };
    if found.kind == Kind::Reference {
        return found.targets.clone();
    }
    // The `id` of an object that stands whole in this one.
    let Some((last, before)) = path.segments.split_last() else {
        return Vec::new();
    };
    let parent = fields::resolve(&model.object, &path.until(before.len()).steps());
    match parent {
        Ok(parent) if last.is_key("id") && parent.kind == Kind::Resource => parent.targets,
        _ => Vec::new(),
    }
}

/// The objects, and what to say if the other struct mirrors none of them; its own object follows.
fn known(
    model: &Model<'_>,
    field: &Field<'_>,
    path: &syn::Path,
    objects: &[&'static str],
) -> Option<TokenStream> {
    let value = field.path.as_ref().map(ToString::to_string);
    let other = path.segments.last().map(|last| last.ident.to_string());
    let message = format!(
        "the column `{}` holds {} of `{}`, the id of a `{}`, and `{}` mirrors ",
        field.column,
        value.map_or("the parent".to_owned(), |value| format!("`{value}`")),
        model.object,
        objects.join("` or a `"),
        other.unwrap_or_default()
    );
    (!objects.is_empty()).then(|| quote!(&[#(#objects),*], #message))
}

/// The columns of each index, and whether it is unique.
fn indexes(model: &Model<'_>) -> Vec<(Vec<usize>, bool)> {
    let of_struct = model.attrs.indexes.iter().map(|index| {
        let names = index.fields.iter();
        let columns = names.filter_map(|name| model.position(&name.name));
        (columns.collect::<Vec<_>>(), index.unique)
    });
    let of_struct: Vec<(Vec<usize>, bool)> = of_struct.collect();
    let marked = model.fields.iter().enumerate().filter(|(position, field)| {
        let is_marked = field.attrs.index.is_set() || field.attrs.references.is_set();
        let is_alone = of_struct.iter().all(|(columns, _)| *columns != [*position]);
        // Rows are found by their parent. In the key of elements it stands before the position.
        let is_parent = field.role == Role::Parent && model.element.is_none();
        let begins = |(columns, _): &(Vec<usize>, bool)| columns.first() == Some(position);
        is_marked && is_alone || is_parent && !of_struct.iter().any(begins)
    });
    let marked = marked.map(|(position, _)| (vec![position], false));
    marked.chain(of_struct.clone()).collect()
}
