//! The description of each column.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::field::is_opaque;
use super::paths::{Slots, number};
use super::{constant, option};
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
    let constant = constant(index);
    let Field { column, name, .. } = field;
    let path = field
        .path
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let role = Ident::new(&format!("{:?}", field.role), Span::call_site());
    let sql_type = option(field.attrs.sql_type.get());
    let (slot, cell, nullable, zulu, map);
    if field.path.is_none() && !field.role.is_written() {
        slot = quote!(0);
    } else {
        slot = number(slots.column(index));
    }
    if is_opaque(model, field) {
        cell = option(None::<TokenStream>);
        nullable = quote!(true);
        zulu = quote!(false);
        map = quote! {
            |_| ::core::result::Result::Err(#krate::ValueError::new("a local column is never read from Stripe"))
        };
    } else {
        cell = option(Some(quote!(#constant.cell())));
        nullable = quote!(#constant.nullable());
        zulu = quote!(#constant.zulu());
        map = quote!(|__slot| #constant.map(__slot));
    }
    quote! {
        __p::Column {
            name: #column,
            field: #name,
            path: #path,
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
