//! Which items can be derived for: structs with named fields and no parameters.

use proc_macro2::Ident;
use syn::{Data, DeriveInput, Fields, GenericParam};

use crate::ctxt::Ctxt;

/// The named fields of the struct, or `None` after an error.
pub(crate) fn named_fields<'a>(
    cx: &Ctxt,
    input: &'a DeriveInput,
) -> Option<Vec<(&'a Ident, &'a syn::Field)>> {
    if let Some(parameter) = input.generics.params.first() {
        let what = match parameter {
            GenericParam::Type(_) => {
                "a type parameter: each column needs a type that the macro can see"
            }
            GenericParam::Const(_) => "a constant parameter: a table has one set of columns",
            GenericParam::Lifetime(_) => {
                "a lifetime: a row outlives the object it was read from; use owned types such as `String`"
            }
        };
        cx.error_spanned(parameter, format!("a mirrored struct cannot have {what}"));
        return None;
    }
    let data = match &input.data {
        Data::Struct(data) => data,
        Data::Enum(data) => {
            cx.error(
                data.enum_token.span,
                "StripeSync is derived for a struct: a row has the same columns whatever it holds",
            );
            return None;
        }
        Data::Union(data) => {
            cx.error(
                data.union_token.span,
                "StripeSync is derived for a struct, not for a union",
            );
            return None;
        }
    };
    match &data.fields {
        Fields::Named(fields) if fields.named.is_empty() => {
            cx.error_spanned(
                &input.ident,
                "a mirrored struct needs fields, at least the key: `id: String`",
            );
            None
        }
        Fields::Named(fields) => Some(
            fields
                .named
                .iter()
                .filter_map(|field| Some((field.ident.as_ref()?, field)))
                .collect(),
        ),
        Fields::Unnamed(fields) => {
            cx.error_spanned(
                fields,
                "columns are named after fields: give each field a name, `{ id: String, .. }`",
            );
            None
        }
        Fields::Unit => {
            cx.error_spanned(
                &input.ident,
                "a mirrored struct needs fields, at least the key: `{ id: String }`",
            );
            None
        }
    }
}
