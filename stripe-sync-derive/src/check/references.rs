//! `references`: it marks an id.

use stripe_sync_schema::Kind;

use super::value::describe;
use crate::ctxt::Ctxt;
use crate::model::Field;
use crate::symbol::REFERENCES;

/// What Stripe sends there can be the id of an object.
pub(super) fn marks_an_id(cx: &Ctxt, field: &Field<'_>) {
    let (Some(word), Some(found)) = (field.attrs.word(REFERENCES), field.known()) else {
        return;
    };
    // What a function reads is the function's.
    let is_id = match found.kind {
        Kind::Reference => true,
        Kind::Text => found.values.is_empty(),
        _ => field.attrs.with.is_set(),
    };
    if is_id || !field.is_sound {
        return;
    }
    let sent = match found.kind {
        Kind::Text => "one of a set of words",
        kind => describe(kind),
    };
    let advice = match found.kind {
        Kind::Object | Kind::Resource => {
            "; the id in it has a longer path, such as `path = price.id`"
        }
        Kind::Array | Kind::List | Kind::Map => "; its elements have a struct of their own",
        _ => ": take `references` away",
    };
    cx.error(
        word.span(),
        format!(
            "`references` marks the id of another object, and Stripe sends {sent} here{advice}"
        ),
    );
}
