//! Why a service cannot be built.

use crate::store::db::dialect::DatabaseKind;
use crate::sync::error::SyncError;

/// Why [`LiveBuilder::build`](crate::live::LiveBuilder::build) made no service.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// A handler names an event type that this crate's version of Stripe's API does not have, so it would never be called.
    #[error(
        "no event type of Stripe fits `{event_type}`{}: a type that this version does not know is given as \
         `EventType::unchecked(\"{event_type}\")`",
        did_you_mean(nearest.as_deref())
    )]
    #[non_exhaustive]
    UnknownEventType {
        /// The type or pattern as it was given.
        event_type: String,
        /// The one that was probably meant.
        nearest: Option<String>,
    },

    /// A handler inside the transaction takes the connection of another database than the syncer's.
    #[error(
        "the handler of `{event_type}` takes a connection of {found}, and the syncer's database is {expected}"
    )]
    #[non_exhaustive]
    OtherDatabase {
        /// The type or pattern of the handler.
        event_type: String,
        /// The syncer's database.
        expected: DatabaseKind,
        /// The handler's.
        found: DatabaseKind,
    },

    /// Models that are not where the syncer has them ([`SyncError::WrongPlace`]), or that may not share a table
    /// ([`SyncError::SharedTable`], [`SyncError::FiltersDiffer`]).
    #[error(transparent)]
    Models(Box<SyncError>),
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest
        .map(|nearest| format!(", did you mean `{nearest}`?"))
        .unwrap_or_default()
}

impl From<SyncError> for LiveError {
    fn from(error: SyncError) -> Self {
        Self::Models(Box::new(error))
    }
}
