//! Types that can be no column, whatever stands there: they are known by their form, before the compiler looks for traits.

use quote::ToTokens as _;
use stripe_sync_schema::Kind;
use syn::{GenericArgument, PathArguments, Type};

use crate::ctxt::Ctxt;
use crate::model::{Field, Role};

/// The last names of types that hold more than any database's integers, or less than Stripe's.
const INTEGERS: [&str; 5] = ["i128", "isize", "u128", "u64", "usize"];

/// The field's type is none that cannot be a column.
pub(super) fn can_be_a_column(cx: &Ctxt, field: &Field<'_>) {
    // What a function or a local column's own type makes of it is the user's affair.
    if !field.is_sound || (field.role == Role::Local && field.attrs.sql_type.is_set()) {
        return;
    }
    let inner = option(field.ty).unwrap_or(field.ty);
    let Some((instead, why)) = better(inner) else {
        return;
    };
    // What Stripe sends says more than what was written.
    let instead = match (field.role, field.known()) {
        (Role::Mapped, Some(found)) if !field.attrs.json.is_set() => holder(found.kind).to_owned(),
        _ => instead,
    };
    let null = field.may_be_null() || option(field.ty).is_some();
    let instead = match null {
        true => format!("Option<{instead}>"),
        false => instead,
    };
    cx.error_spanned(field.ty, format!("{why}: use `{instead}`"));
}

/// A type that would do, and why this one does not.
fn better(ty: &Type) -> Option<(String, String)> {
    let shown = ty
        .to_token_stream()
        .to_string()
        .replace("& 'static ", "&'static ");
    Some(match ty {
        Type::Reference(reference) => {
            let owned = match &*reference.elem {
                Type::Slice(_) => "Vec<u8>",
                _ => "String",
            };
            (
                owned.to_owned(),
                format!("a row owns its values, and `{shown}` borrows"),
            )
        }
        Type::Array(_) => ("Vec<u8>".to_owned(), format!("`{shown}` is no column type")),
        Type::Tuple(tuple) if tuple.elems.is_empty() => {
            ("String".to_owned(), "`()` holds nothing".to_owned())
        }
        Type::Tuple(_) => (
            format!("Json<{shown}>"),
            "a tuple is no column type".to_owned(),
        ),
        Type::Path(path) if path.path.segments.len() == 1 => {
            let last = path.path.segments.last()?;
            let name = last.ident.to_string();
            if INTEGERS.contains(&&*name) {
                let why = format!("databases have integers of 64 bits with a sign, not `{name}`");
                return Some(("i64".to_owned(), why));
            }
            let first = argument(&last.arguments);
            match (&*name, first) {
                // An alias of the user's with one argument may be anything.
                ("Result", Some(value)) if arguments(&last.arguments) == 2 => (
                    value.to_token_stream().to_string(),
                    "a row holds values, not errors, and null is an `Option`".to_owned(),
                ),
                _ => return None,
            }
        }
        _ => return None,
    })
}

/// The type that holds a kind of value.
fn holder(kind: Kind) -> &'static str {
    match kind {
        Kind::Boolean => "bool",
        Kind::Integer | Kind::Amount | Kind::IntegerText => "i64",
        Kind::UnixTime => "DateTime<Utc>",
        Kind::Decimal => "Decimal",
        Kind::Number => "f64",
        Kind::Text | Kind::Currency | Kind::Date | Kind::Timestamp | Kind::Reference => "String",
        _ => "Json<serde_json::Value>",
    }
}

/// The inside of an `Option`.
fn option(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            (last.ident == "Option").then(|| argument(&last.arguments))?
        }
        _ => None,
    }
}

fn argument(arguments: &PathArguments) -> Option<&Type> {
    match arguments {
        PathArguments::AngleBracketed(list) => {
            list.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
        }
        _ => None,
    }
}

fn arguments(arguments: &PathArguments) -> usize {
    match arguments {
        PathArguments::AngleBracketed(list) => list.args.len(),
        _ => 0,
    }
}

/// Whether a type, or the inside of its `Option`, has one of these last names.
pub(super) fn is_named(ty: &Type, names: &[&str]) -> bool {
    match option(ty).unwrap_or(ty) {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| names.iter().any(|name| last.ident == name)),
        _ => false,
    }
}
