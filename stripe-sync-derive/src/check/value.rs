//! Rules about how a value is read. What a type can hold is checked by the compiler, on the field's constant.

use stripe_sync_schema::Kind;

use super::types;
use crate::ctxt::Ctxt;
use crate::model::{Field, Role};
use crate::symbol::{JSON, PARSE};

/// `parse` hands text to a `FromStr`.
pub(super) fn parse_reads_text(cx: &Ctxt, field: &Field<'_>) {
    let (Some(found), Some(word)) = (field.known(), field.attrs.word(PARSE)) else {
        return;
    };
    let text = matches!(
        found.kind,
        Kind::Text
            | Kind::Currency
            | Kind::Date
            | Kind::Timestamp
            | Kind::Decimal
            | Kind::IntegerText
            | Kind::Reference
    );
    if !text {
        let message = format!(
            "`parse` reads text, and Stripe sends {} here: {}",
            describe(found.kind),
            match found.kind {
                kind if is_document(kind) => "`json` reads it into a serde type",
                _ => "`with = function` reads it in your own way",
            }
        );
        cx.error(word.span(), message);
    }
}

/// `json` keeps a document; a single value has a column type of its own.
pub(super) fn json_reads_documents(cx: &Ctxt, field: &Field<'_>) {
    let (Some(found), Some(word)) = (field.known(), field.attrs.word(JSON)) else {
        return;
    };
    if !is_document(found.kind) {
        let message = format!(
            "`json` keeps an object, an array or a map, and Stripe sends {} here: take `json` away, or read it in your own way with `with = function`",
            describe(found.kind)
        );
        cx.error(word.span(), message);
    }
}

/// `sql_type` goes into a cast as it is, so nothing but a type's name can stand there.
pub(super) fn sql_type_is_plausible(cx: &Ctxt, field: &Field<'_>) {
    let Some(written) = field.attrs.sql_type.get() else {
        return;
    };
    let value = written.value();
    let letter = |letter: char| letter.is_ascii_alphanumeric() || " (),_.[]".contains(letter);
    let plausible = value.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && value.chars().all(letter)
        && value.matches('(').count() == value.matches(')').count();
    if !plausible {
        cx.error(
            written.span(),
            "expected the name of an SQL type: `citext`, `numeric(20, 4)`, `billing.status`, `text[]`",
        );
    }
}

/// Stripe's member `object` is the name of the resource; who keeps it in a document means the whole object.
pub(super) fn the_whole_object_is_marked(cx: &Ctxt, field: &Field<'_>) {
    let is_name = field.role == Role::Mapped
        && field
            .path
            .as_ref()
            .is_some_and(|path| path.is_key("object"));
    if is_name && !field.attrs.json.is_set() && types::is_named(field.ty, &["Json", "Value"]) {
        cx.error_spanned(
            field.ty,
            "Stripe's `object` is the name of the resource: mark the column of the whole object with #[stripe(raw)]",
        );
    }
}

fn is_document(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Object | Kind::Array | Kind::Map | Kind::List | Kind::Resource | Kind::Json
    )
}

/// A kind in the words of a message.
pub(super) fn describe(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Date | Kind::Timestamp => "text",
        Kind::Currency => "a currency",
        Kind::Decimal => "a decimal number in a string",
        Kind::IntegerText => "an integer in a string",
        Kind::Boolean => "true or false",
        Kind::Integer => "an integer",
        Kind::UnixTime => "Unix seconds",
        Kind::Amount => "an amount",
        Kind::Number => "a number",
        Kind::Object => "an object",
        Kind::Array => "an array",
        Kind::Map => "a map",
        Kind::List => "a list",
        Kind::Resource => "a whole object",
        Kind::Reference => "a reference to another object",
        _ => "any JSON",
    }
}
