//! The constants of fields. Each holds every trait bound of its field, so a type that does not fit is one error.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use stripe_sync_schema::Kind;

use super::{constant, located, place};
use crate::model::{Field, Model, Role};
use crate::written::lacks_only_option;

/// How the value of a field is kept while an object is read; the names are those of the runtime's `Mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Scalar,
    Raw,
    Reference,
}

/// The function in the private module `field` that makes the constant, and the mode it needs.
pub(super) fn reader(field: &Field<'_>) -> (&'static str, Mode) {
    let attrs = &field.attrs;
    match field.role {
        Role::Raw => return ("json", Mode::Raw),
        Role::Livemode => return ("boolean", Mode::Scalar),
        Role::SyncedAt | Role::DeletedAt | Role::Local => return ("stored", Mode::Scalar),
        Role::Position => return ("integer", Mode::Scalar),
        // Its rows are read from it, and no column.
        Role::Children => return ("json", Mode::Raw),
        Role::Parent if field.kind() == Kind::Reference => match attrs.parse.is_set() {
            true => return ("parsed", Mode::Reference),
            false => return ("reference", Mode::Reference),
        },
        Role::Parent if attrs.parse.is_set() => return ("parsed", Mode::Scalar),
        Role::Parent => return ("text", Mode::Scalar),
        Role::Id | Role::Account if attrs.parse.is_set() => return ("parsed", Mode::Scalar),
        Role::Id | Role::Account => return ("text", Mode::Scalar),
        Role::Mapped => {}
    }
    let kind = field.kind();
    if attrs.with.is_set() {
        return ("with", Mode::Raw);
    }
    if attrs.json.is_set() {
        return ("serde_json", Mode::Raw);
    }
    if attrs.parse.is_set() {
        let mode = match kind {
            Kind::Reference => Mode::Reference,
            _ => Mode::Scalar,
        };
        return ("parsed", mode);
    }
    if attrs.unchecked.is_set() {
        return ("unchecked", Mode::Raw);
    }
    match kind {
        Kind::Text if field.known().is_some_and(|found| !found.values.is_empty()) => {
            ("word", Mode::Scalar)
        }
        Kind::Text | Kind::Currency | Kind::Date | Kind::Timestamp => ("text", Mode::Scalar),
        Kind::Reference => ("reference", Mode::Reference),
        Kind::Integer | Kind::Amount | Kind::IntegerText => ("integer", Mode::Scalar),
        Kind::UnixTime => ("unix_time", Mode::Scalar),
        Kind::Decimal => ("decimal", Mode::Scalar),
        Kind::Number => ("float", Mode::Raw),
        Kind::Boolean => ("boolean", Mode::Scalar),
        // Objects, arrays, maps, lists, resources and any JSON.
        _ => ("json", Mode::Raw),
    }
}

/// Whether the field's type is only known to the user's `sql_type`: it need not be a column type, because nothing reads it.
pub(super) fn is_opaque(model: &Model<'_>, field: &Field<'_>) -> bool {
    field.role == Role::Local && field.attrs.sql_type.is_set() && !model.reads_back()
}

/// `const __F0: Field<String> = field::text::<String>();` and so on.
pub(super) fn constants(model: &Model<'_>) -> TokenStream {
    model
        .fields
        .iter()
        .enumerate()
        .filter(|(_, field)| !is_opaque(model, field))
        .map(|(index, field)| {
            let name = constant(index, field);
            let ty = field.ty;
            let value = value(field);
            let assertion = assertion(model, field, &name);
            quote_spanned! {place(field.ident)=>
                const #name: __p::Field<#ty> = #value;
                #assertion
            }
        })
        .collect()
}

fn value(field: &Field<'_>) -> TokenStream {
    let ty = field.ty;
    let span = place(ty);
    let (function, _) = reader(field);
    if let Some(with) = field.attrs.with.get() {
        let path = &with.function;
        let at = place(path);
        if !field.members.is_empty() {
            let names =
                (0..field.members.len()).map(|number| format_ident!("__m{number}", span = at));
            let names: Vec<Ident> = names.collect();
            let read = quote_spanned! {at=> |__slot| {
                #[allow(unused_imports)]
                use __p::field::UnreadableMembers as _;
                let [#(#names),*] = __p::field::members(__slot);
                __p::field::with_members::<#ty, _, _>(#path, (#(#names),*)).read()
            }};
            return quote_spanned!(span=> __p::field::with::<#ty>(#read));
        }
        let read = quote_spanned! {at=> |__slot| {
            #[allow(unused_imports)]
            use __p::field::Unreadable as _;
            __p::field::with_function::<#ty, _, _>(#path, __slot).read()
        }};
        return quote_spanned!(span=> __p::field::with::<#ty>(#read));
    }
    let is_empty = field.may_be_null();
    let or = field.attrs.default.get().map(|default| match default {
        Some(expression) => quote_spanned!(span=> .or(|| #expression)),
        None => quote_spanned!(span=> .or(::core::default::Default::default)),
    });
    // What these need is found by a method, so that only what a type lacks is an error.
    let (probe, lacks) = match function {
        "parsed" if is_empty || field.is_option() => ("ParsedOrNull", "parsed_lacks"),
        "parsed" => ("Parsed", "parsed_lacks"),
        "stored" => ("Stored", "stored_lacks"),
        _ => ("", ""),
    };
    if !probe.is_empty() {
        let (probe, lacks) = (Ident::new(probe, span), Ident::new(lacks, span));
        return quote_spanned! {span=> {
            #[allow(unused_imports)]
            use __p::field::#lacks::*;
            __p::field::#probe::<#ty>::new().field::<#ty>() #or
        }};
    }
    let function = if field.role == Role::Raw {
        Ident::new("whole", span)
    } else if is_empty && !field.is_option() && !lacks_only_option(function, ty) {
        format_ident!("{function}_and_null", span = span)
    } else if is_empty || field.is_option() {
        format_ident!("{function}_or_null", span = span)
    } else {
        Ident::new(function, span)
    };
    quote_spanned!(span=> __p::field::#function::<#ty>() #or)
}

/// What a column's role asks of its type beyond a trait. Checked on the constant, because only that knows what an alias
/// stands for.
fn assertion(model: &Model<'_>, field: &Field<'_>, name: &Ident) -> Option<TokenStream> {
    let krate = &model.krate;
    let span = place(field.ty);
    let instant = quote_spanned! {span=>
        ::core::matches!(#name.cell(), #krate::CellType::Instant)
    };
    let (condition, message) = match field.role {
        Role::Id | Role::Account | Role::Livemode => (
            quote_spanned!(span=> !#name.nullable()),
            "a column of the key cannot be null: take the `Option` away",
        ),
        Role::DeletedAt => (
            quote_spanned!(span=> #instant && #name.nullable()),
            "`deleted_at` is the time of a deletion, null until then: make it `Option<DateTime<Utc>>`",
        ),
        Role::SyncedAt => (
            instant,
            "`synced_at` is the time of the last write: make it `DateTime<Utc>`, or an `Option` of it",
        ),
        Role::Position => (
            quote_spanned!(span=> !#name.nullable()),
            "a column of the key cannot be null: take the `Option` away",
        ),
        Role::Parent if model.element.is_some() => (
            quote_spanned!(span=> !#name.nullable()),
            "a column of the key cannot be null: take the `Option` away",
        ),
        // With `references` the same is checked.
        Role::Parent if !field.attrs.references.is_set() => (
            quote_spanned!(span=> ::core::matches!(#name.cell(), #krate::CellType::Text)),
            "a parent is the id of an object, kept as text: use `String`, or an `Option` of it",
        ),
        Role::Parent | Role::Mapped | Role::Raw | Role::Local | Role::Children => return None,
    };
    let message = located(quote!(#message), span);
    Some(quote_spanned! {span=>
        const _: () = ::core::assert!(#condition, #message);
    })
}
