//! Rules about how a value is read. What a type can hold is checked by the compiler, on the field's constant.

use stripe_sync_schema::Kind;

use crate::ctxt::Ctxt;
use crate::model::{Field, Member, Model, Role, Schema};
use crate::symbol::{JSON, PARSE, UNCHECKED};
use crate::written::is_named;

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

/// `unchecked` is for what the schema does not know; elsewhere it would only turn the check off.
pub(super) fn unchecked_is_unknown(cx: &Ctxt, model: &Model<'_>, field: &Field<'_>) {
    let Some(word) = field.attrs.word(UNCHECKED) else {
        return;
    };
    let is_known = |member: &Member| matches!(member.schema, Schema::Known(_));
    if !field.members.is_empty() && field.members.iter().all(is_known) {
        let members = field.members.iter().map(|member| member.path.to_string());
        let message = format!(
            "Stripe's schema has `{}` of `{}`: take `unchecked` away",
            members.collect::<Vec<_>>().join("` and `"),
            model.object
        );
        cx.error(word.span(), message);
    }
    let Schema::Known(found) = &field.schema else {
        return;
    };
    let path = field.path.as_ref().map(ToString::to_string);
    let message = format!(
        "Stripe's schema has `{}` of `{}`, {}: take `unchecked` away",
        path.unwrap_or_default(),
        model.object,
        describe(found.kind)
    );
    cx.error(word.span(), message);
}

/// Stripe's member `object` is the name of the resource; who keeps it in a document means the whole object.
pub(super) fn the_whole_object_is_marked(cx: &Ctxt, field: &Field<'_>) {
    let is_name = field.role == Role::Mapped
        && field
            .path
            .as_ref()
            .is_some_and(|path| path.is_key("object"));
    if is_name && !field.attrs.json.is_set() && is_named(field.ty, &["Json", "Value"]) {
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
