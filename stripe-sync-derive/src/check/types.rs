//! Types that can be no column, whatever stands there: they are known by their form, before the compiler looks for traits.

use quote::ToTokens as _;
use stripe_sync_schema::Kind;
use syn::{PathSegment, Type};

use super::value::describe;
use crate::ctxt::Ctxt;
use crate::expand::reader;
use crate::model::{Field, Role};
use crate::written::{argument, count, is_named, lacks_only_option, last_segment, option};

/// Integers that hold more than any database's, or are of another size on another machine.
const INTEGERS: [&str; 5] = ["i128", "isize", "u128", "u64", "usize"];
/// Pointers that share or borrow.
const POINTERS: [&str; 4] = ["Arc", "Cow", "Rc", "Weak"];
/// Cells that change behind a shared reference.
const CELLS: [&str; 6] = ["Cell", "Mutex", "OnceCell", "OnceLock", "RefCell", "RwLock"];
/// Types of times without a time zone.
const TIMES: [&str; 5] = [
    "NaiveDate",
    "NaiveDateTime",
    "NaiveTime",
    "PrimitiveDateTime",
    "SystemTime",
];

/// What the macro knows of a type that cannot be a column.
struct Unfit {
    /// A type that would do, if nothing is known of the value.
    instead: String,
    why: String,
}

/// The field's type is none that cannot be a column.
pub(super) fn can_be_a_column(cx: &Ctxt, field: &Field<'_>) {
    // What a local column's own type makes of it is the user's affair.
    if !field.is_sound || (field.role == Role::Local && field.attrs.sql_type.is_set()) {
        return;
    }
    let inner = option(field.ty).unwrap_or(field.ty);
    let is_read_otherwise =
        field.attrs.json.is_set() || field.attrs.parse.is_set() || field.attrs.with.is_set();
    let is_time = match field.role {
        Role::SyncedAt | Role::DeletedAt => true,
        _ => field.kind() == Kind::UnixTime,
    };
    if is_named(inner, &TIMES) && !is_time {
        return;
    }
    let Some(Unfit { instead, why }) = unfit(inner, is_read_otherwise) else {
        return;
    };
    // What Stripe sends says more than what was written.
    let sent = match (field.role, field.known()) {
        (Role::Mapped, Some(found)) if !is_read_otherwise => {
            Some((holder(found.kind), describe(found.kind)))
        }
        (Role::Id | Role::Account, _) if !is_read_otherwise => Some(("String", "text")),
        (Role::SyncedAt | Role::DeletedAt, _) => Some(("DateTime<Utc>", "a time")),
        (Role::Livemode, _) => Some(("bool", "true or false")),
        (Role::Raw, _) => Some(("Json<serde_json::Value>", "a whole object")),
        _ => None,
    };
    let (instead, why) = match sent {
        Some((holder, value)) if holder != instead && option(inner).is_none() => (
            holder.to_owned(),
            format!(
                "the value is {value}, and `{}` cannot hold it",
                shown(inner)
            ),
        ),
        _ => (instead, why),
    };
    // An `Option` in an `Option` is right but for that.
    let instead = match option(inner) {
        Some(inside) => shown(inside),
        None => instead,
    };
    let is_key = matches!(field.role, Role::Id | Role::Account | Role::Livemode);
    let is_null =
        field.may_be_null() || option(field.ty).is_some() || field.role == Role::DeletedAt;
    let instead = match is_null && !is_key {
        true => format!("Option<{instead}>"),
        false => instead,
    };
    cx.error_spanned(field.ty, format!("{why}: use `{instead}`"));
}

/// A value that may be null is read into an `Option`. Only types that nobody gives another meaning are judged by their names; all
/// others are the compiler's, which knows what an alias stands for.
pub(super) fn holds_null(cx: &Ctxt, field: &Field<'_>) {
    const PLAIN: [&str; 9] = [
        "String", "bool", "f64", "i16", "i32", "i64", "i8", "u16", "u32",
    ];
    let attrs = &field.attrs;
    let is_read_otherwise = attrs.json.is_set() || attrs.parse.is_set() || attrs.with.is_set();
    let is_plain = matches!(field.ty, Type::Path(path) if path.path.segments.len() == 1)
        && option(field.ty).is_none()
        && is_named(field.ty, &PLAIN);
    if field.role != Role::Mapped
        || field.known().is_none()
        || !field.may_be_null()
        || is_read_otherwise
        || !is_plain
        || !lacks_only_option(reader(field), field.ty)
    {
        return;
    }
    let shown = shown(field.ty);
    cx.error_spanned(
        field.ty,
        format!(
            "Stripe may send null here, or leave the field out, and `{shown}` cannot be null: make it `Option<{shown}>`, or give a value for null with #[stripe(default)] or #[stripe(default = expression)]"
        ),
    );
}

/// Whether a type can be no column by its form.
pub(super) fn is_unfit(ty: &Type) -> bool {
    unfit(ty, false).is_some()
}

/// Why a type cannot be a column, and one that can.
fn unfit(ty: &Type, is_read_otherwise: bool) -> Option<Unfit> {
    let unfit = |instead: &str, why: String| {
        Some(Unfit {
            instead: instead.to_owned(),
            why,
        })
    };
    let shown = shown(ty);
    match ty {
        Type::Reference(reference) => {
            let owned = match &*reference.elem {
                Type::Slice(_) => "Vec<u8>",
                _ => "String",
            };
            unfit(
                owned,
                format!("a row owns its values, and `{shown}` borrows"),
            )
        }
        Type::Array(_) => unfit("Vec<u8>", format!("`{shown}` is no column type")),
        Type::Slice(_) => unfit("Vec<u8>", format!("`{shown}` has no size")),
        Type::Tuple(tuple) if tuple.elems.is_empty() => {
            unfit("String", "`()` holds nothing".to_owned())
        }
        Type::Tuple(_) if is_read_otherwise => None,
        Type::Tuple(_) => unfit(
            &format!("Json<{shown}>"),
            "a tuple is no column type".to_owned(),
        ),
        Type::Ptr(_) | Type::FnPtr(_) | Type::TraitObject(_) => {
            unfit("String", format!("`{shown}` is no column type"))
        }
        Type::Path(_) => {
            let last = last_segment(ty)?;
            let (instead, why) = unfit_name(last, &shown, is_read_otherwise)?;
            unfit(&instead, why)
        }
        _ => None,
    }
}

/// The same for a type with a name.
fn unfit_name(
    last: &PathSegment,
    shown: &str,
    is_read_otherwise: bool,
) -> Option<(String, String)> {
    let name = last.ident.to_string();
    let has = |names: &[&str]| names.contains(&&*name);
    let inside = argument(&last.arguments);
    let text = |text: &str| text.to_owned();
    let owned = |inside: Option<&Type>| match inside.map(self::shown) {
        Some(inside) if inside != "str" && inside != "[u8]" => inside,
        Some(inside) if inside == "[u8]" => text("Vec<u8>"),
        _ => text("String"),
    };
    Some(match inside {
        None if has(&INTEGERS) && !is_read_otherwise => (
            text("i64"),
            format!("databases have integers of 64 bits with a sign, not `{name}`"),
        ),
        None if name == "f32" && !is_read_otherwise => (
            text("f64"),
            text("databases have floats of 64 bits, not `f32`"),
        ),
        None if name == "char" && !is_read_otherwise => {
            (text("String"), text("`char` is no column type"))
        }
        None if name == "str" => (text("String"), text("`str` has no size")),
        None if has(&TIMES) && !is_read_otherwise => (
            text("DateTime<Utc>"),
            format!("Stripe's times are moments in UTC, and `{name}` is none"),
        ),
        Some(zone) if name == "DateTime" && is_named(zone, &["FixedOffset", "Local"]) => (
            text("DateTime<Utc>"),
            format!("Stripe's times are moments in UTC, not `{shown}`"),
        ),
        // An alias of the user's with one argument may be anything.
        Some(value) if name == "Result" && count(&last.arguments) == 2 => (
            self::shown(value),
            text("a row holds values, not errors, and null is an `Option`"),
        ),
        Some(inside) if name == "Option" => {
            (self::shown(inside), text("null is one `Option`, not two"))
        }
        Some(_) if has(&POINTERS) && !is_read_otherwise => (
            owned(inside),
            format!("a row owns its values, and `{name}` shares or borrows"),
        ),
        Some(_) if has(&CELLS) => (
            owned(inside),
            format!("a row is plain values, without `{name}`"),
        ),
        Some(inside) if name == "Box" && !is_read_otherwise && is_named(inside, &["RawValue"]) => (
            format!("Json<{shown}>"),
            format!("`{shown}` is no column type by itself"),
        ),
        Some(inside) if name == "Box" && !is_read_otherwise && self::shown(inside) != "str" => {
            (owned(Some(inside)), text("a column type is not boxed"))
        }
        _ => return None,
    })
}

/// A type as its author would write it.
pub(super) fn shown(ty: &Type) -> String {
    let text = ty.to_token_stream().to_string();
    let text = [
        (" :: ", "::"),
        (" < ", "<"),
        (" >", ">"),
        (" , ", ", "),
        ("& ", "&"),
        ("* ", "*"),
        ("fn (", "fn("),
        (" ; ", "; "),
    ]
    .iter()
    .fold(text, |text, (from, to)| text.replace(from, to));
    text.replace("[ ", "[").replace(" ]", "]")
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
