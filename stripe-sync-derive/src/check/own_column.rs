//! Columns of a mirror's own that have a usual name and lack their attribute.

use crate::model::{Field, Model};

/// Names that people give to such a column, and what to write.
const USUAL: &[(&[&str], &str)] = &[
    (
        &["deleted_at", "deleted_on", "deletion_time", "removed_at"],
        "mark the time of a deletion with #[stripe(deleted_at)]",
    ),
    (
        &["deleted", "is_deleted"],
        "a row is deleted if it has a time of its deletion, mark that with #[stripe(deleted_at)]",
    ),
    (
        &[
            "djstripe_updated",
            "last_synced_at",
            "synced",
            "synced_at",
            "synced_on",
        ],
        "mark the time of the last write with #[stripe(synced_at)]",
    ),
    (
        &[
            "last_updated",
            "modified",
            "modified_at",
            "updated",
            "updated_at",
            "updated_on",
        ],
        "Stripe does not say when an object changed; #[stripe(synced_at)] is the time of the last write, and #[stripe(local)] a column of your own",
    ),
    (
        &[
            "account",
            "account_id",
            "djstripe_owner_account",
            "owner_account",
            "stripe_account",
            "stripe_account_id",
        ],
        "mark the account of the row with #[stripe(account)]",
    ),
    (
        &[
            "data",
            "json",
            "object_json",
            "payload",
            "raw",
            "raw_json",
            "stripe_data",
            "stripe_object",
        ],
        "mark the column of the whole object with #[stripe(raw)]; its type is `Json<serde_json::Value>`",
    ),
    (
        &["djstripe_created", "inserted_at"],
        "mark a column that your database fills, with the default that your migration gives it, with #[stripe(local)]",
    ),
    (
        &["is_live", "live", "livemode", "mode", "test_mode"],
        "mark the mode of the row, a `bool`, with #[stripe(livemode)]",
    ),
];

/// Whether a name is one that people give to the column of the object's id.
pub(super) fn is_id(model: &Model<'_>, name: &str) -> bool {
    let own = model.object.rsplit('.').next().unwrap_or_default();
    let bare = name.strip_prefix("stripe_").unwrap_or(name);
    let bare = bare
        .strip_prefix(own)
        .map_or(bare, |rest| rest.trim_start_matches('_'));
    bare != name && bare == "id" || matches!(name, "external_id" | "object_id" | "uid")
}

/// What to write instead, if the field has such a name and nothing says where its value stands.
pub(super) fn attribute(field: &Field<'_>) -> Option<&'static str> {
    if field.attrs.path.is_set() {
        return None;
    }
    let mut usual = USUAL.iter();
    usual
        .find(|(names, _)| names.contains(&&*field.name))
        .map(|(_, attribute)| *attribute)
}
