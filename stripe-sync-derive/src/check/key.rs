//! Rules about the key, and about roles that only one column can have.

use stripe_sync_schema::{Step, fields};

use super::own_column;
use crate::ctxt::Ctxt;
use crate::model::{Field, Model, Role, Schema};
use crate::symbol::{ACCOUNT, DELETED_AT, ID, LIVEMODE, PARENT, POSITION, RAW, SYNCED_AT};

/// One column is the id, the parent, the place in its list, the account, the mode, the whole object, the time of the last write or of the deletion.
pub(super) fn roles_are_taken_once(cx: &Ctxt, model: &Model<'_>) {
    for (role, symbol) in [
        (Role::Id, ID),
        (Role::Parent, PARENT),
        (Role::Position, POSITION),
        (Role::Raw, RAW),
        (Role::Account, ACCOUNT),
        (Role::Livemode, LIVEMODE),
        (Role::SyncedAt, SYNCED_AT),
        (Role::DeletedAt, DELETED_AT),
    ] {
        let mut fields = model.fields.iter().filter(|field| field.role == role);
        let Some(first) = fields.next() else {
            continue;
        };
        for field in fields {
            let span = field.attrs.word(symbol).unwrap_or(field.ident).span();
            let message = format!(
                "`{}` is marked `{symbol}` already, and one field can be",
                first.name
            );
            cx.error(span, message);
        }
    }
}

/// `id` marks the object's own id, and does not make a key of another member.
pub(super) fn the_key_is_the_id(cx: &Ctxt, model: &Model<'_>) {
    if model.resource.is_none() {
        return;
    }
    for field in &model.fields {
        let Some(word) = field.attrs.word(ID).filter(|_| field.is_sound) else {
            continue;
        };
        let member = fields::resolve(&model.object, &[Step::Key(&field.name)]);
        if field.name != "id" && member.is_ok() {
            let (name, object) = (&field.name, &model.object);
            let message = format!(
                "`id` marks the `{object}`'s own id, and `{name}` is another of its members: take `id` away, and add `id: String`"
            );
            cx.error(word.span(), message);
        }
    }
}

/// Besides the key, no field reads the object's id: most often it is a column of the application's own.
pub(super) fn id_is_read_once(cx: &Ctxt, model: &Model<'_>) {
    let Some(key) = model.role(Role::Id) else {
        return;
    };
    for field in &model.fields {
        if field.role == Role::Mapped && field.reads_id() {
            let message = format!(
                "`{}` is the key already, and this reads the object's id again: mark a column of your own with #[stripe(local)]",
                key.name
            );
            cx.error(field.attrs.path.span_or(field.ident.span()), message);
        }
    }
}

/// Rows are found by the object's id.
pub(super) fn there_is_a_key(cx: &Ctxt, model: &Model<'_>) {
    if model.resource.is_none() || model.role(Role::Id).is_some() {
        return;
    }
    // Its own message says that the mark is missing.
    let unmarked = |field: &Field<'_>| {
        matches!(field.schema, Schema::Wrong(_)) && own_column::is_id(model, &field.name)
    };
    if model.fields.iter().any(unmarked) {
        return;
    }
    let message = if model.fields.iter().any(|field| field.name == "id") {
        "no field holds the object's id, which is the key: mark the one that does with #[stripe(id)]"
    } else {
        "no field holds the object's id, which is the key: add `id: String`, or mark the one that does with #[stripe(id)]"
    };
    cx.error(model.ident.span(), message);
}
