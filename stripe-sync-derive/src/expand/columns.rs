//! The description of each column.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};

use super::field::is_opaque;
use super::paths::{Slots, number};
use super::{constant, located, option, place};
use crate::model::{Field, Model};

/// One `Column { .. }` for each field, in the order of the struct.
pub(super) fn columns(model: &Model<'_>, slots: &Slots) -> Vec<TokenStream> {
    model
        .fields
        .iter()
        .enumerate()
        .map(|(index, field)| column(model, slots, index, field))
        .collect()
}

fn column(model: &Model<'_>, slots: &Slots, index: usize, field: &Field<'_>) -> TokenStream {
    let krate = &model.krate;
    let (constant, at) = (constant(index, field), place(field.ident));
    let Field { column, name, .. } = field;
    let path = field.path_text();
    let role = Ident::new(&format!("{:?}", field.role), at);
    let sql_type = option(field.attrs.sql_type.get(), at);
    let (slot, cell, nullable, zulu, map);
    if field.path.is_none() && !field.role.is_written() {
        slot = quote_spanned!(at=> 0);
    } else {
        slot = located(number(slots.column(index)), at);
    }
    if is_opaque(model, field) {
        cell = option(None::<TokenStream>, at);
        nullable = quote_spanned!(at=> true);
        zulu = quote_spanned!(at=> false);
        map = quote_spanned!(at=> &__p::field::Unread);
    } else {
        cell = option(Some(quote_spanned!(at=> #constant.cell())), at);
        nullable = quote_spanned!(at=> #constant.nullable());
        zulu = quote_spanned!(at=> #constant.zulu());
        map = quote_spanned!(at=> &#constant);
    }
    let names = located(quote!(name: #column, field: #name, path: #path), at);
    quote_spanned! {at=>
        __p::Column {
            #names,
            role: #krate::Role::#role,
            cell: #cell,
            nullable: #nullable,
            zulu: #zulu,
            sql_type: #sql_type,
            slot: #slot,
            map: #map,
        }
    }
}
