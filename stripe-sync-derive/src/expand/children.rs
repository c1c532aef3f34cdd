//! Lists whose elements are rows of other models.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::paths::Slots;
use super::{located, place};
use crate::model::{Field, Model};
use crate::written::vec;

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

/// Where the list stands, as `expand` names it.
fn path(field: &Field<'_>) -> String {
    let path = field.path.as_ref();
    path.map(crate::path::Path::without_indexes)
        .unwrap_or_default()
}
