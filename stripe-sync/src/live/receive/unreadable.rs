//! Events that cannot be read: each is kept as a dead letter with its bytes, and is in no other's way.

use bytes::Bytes;
use xxhash_rust::xxh3::xxh3_64;

use crate::live::service::Live;
use crate::object::list;
use crate::object::secret::without_secrets_of_any;
use crate::store::db::Scope;
use crate::store::events::{Disposition, NewEvent, Source};
use crate::webhook::json::{NAME_LIMIT, escaped};

/// An event that cannot be read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) json: Bytes,
    pub(crate) reason: String,
}

impl Live {
    /// A dead letter to keep.
    pub(crate) fn describe_unreadable(
        &self,
        event: &Unreadable,
        own: &Scope,
        source: Source,
    ) -> NewEvent {
        // Text first: what is not UTF-8 may hold a secret too.
        let json = without_secrets_of_any(&String::from_utf8_lossy(&event.json));
        let id = list::id(&json).filter(|id| is_name(id));
        NewEvent {
            scope: own.clone(),
            // The same bytes are the same dead letter.
            id: id.unwrap_or_else(|| format!("unreadable_{:016x}", xxh3_64(&event.json))),
            kind: "unreadable".to_owned(),
            created: list::integer(&json, "created").unwrap_or_default(),
            source,
            thin: false,
            payload: escaped(&json.replace('\0', "\u{fffd}")),
            disposition: Disposition::Dead(event.reason.clone()),
        }
    }
}

/// Whether a text can be kept as an id.
fn is_name(id: &str) -> bool {
    !id.is_empty() && !id.contains('\0') && id.chars().count() <= NAME_LIMIT
}
