//! What a database's error means for the work: do it again, blame a row, or give up.

use std::time::Duration;

use crate::model::hooks::WriteError;
use crate::store::db::driver::DRIVERS;
use crate::store::db::row::RowError;
use crate::store::db::{PoolerTrouble, StoreError};

/// Why some work was not committed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TxError {
    /// A deadlock, a lock time-out, a serialization failure, or a row that others changed between a question and the
    /// write that followed from it: the same work may succeed.
    #[error("{reason}")]
    Contended {
        reason: String,
        source: Option<sqlx::Error>,
    },
    /// The connection broke, or none could be made: another one may do.
    #[error(transparent)]
    Broken(sqlx::Error),
    /// The server did not answer within the bound.
    #[error("no answer within {} s", .0.as_secs_f64())]
    Silent(Duration),
    /// A value or a constraint: some row is to blame.
    #[error(transparent)]
    Data(sqlx::Error),
    /// A row does not hold what the program reads from it.
    #[error(transparent)]
    Row(#[from] RowError),
    /// Any other error of the database.
    #[error(transparent)]
    Other(sqlx::Error),
    /// What the store itself refuses.
    #[error(transparent)]
    Refused(#[from] StoreError),
}

impl TxError {
    /// Others changed a row between a question and the write that followed from it.
    pub(crate) fn conflict() -> Self {
        Self::contended("rows that others had just changed")
    }

    /// Something that is no error of the database was in the way.
    pub(crate) fn contended(reason: impl ToString) -> Self {
        Self::Contended {
            reason: reason.to_string(),
            source: None,
        }
    }

    /// Whether the connection cannot be used again.
    pub(crate) fn lost_connection(&self) -> bool {
        matches!(self, Self::Broken(_) | Self::Silent(_))
    }

    /// Whether the server stopped responding, or connections of the pool did.
    pub(crate) fn is_silence(&self) -> bool {
        matches!(
            self,
            Self::Silent(_) | Self::Broken(sqlx::Error::PoolTimedOut)
        )
    }
}

impl From<sqlx::Error> for TxError {
    fn from(error: sqlx::Error) -> Self {
        match classify(&error) {
            Class::Contended => Self::Contended {
                reason: error.to_string(),
                source: Some(error),
            },
            Class::Broken => Self::Broken(error),
            Class::Data => Self::Data(error),
            Class::Other => Self::Other(error),
        }
    }
}

/// What an error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// The same work may succeed.
    Contended,
    /// The connection is gone, or the server is going.
    Broken,
    /// A row is to blame.
    Data,
    /// None of these.
    Other,
}

/// Returns what an error means.
pub(crate) fn classify(error: &sqlx::Error) -> Class {
    match error {
        // A value that cannot be sent, such as text with a number too many for the protocol.
        sqlx::Error::Encode(_) => return Class::Data,
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::WorkerCrashed => return Class::Broken,
        _ => {}
    }
    let Some(error) = error.as_database_error() else {
        return Class::Other;
    };
    let class = DRIVERS.iter().find_map(|driver| driver.classify(error));
    class.unwrap_or(Class::Other)
}

/// Returns what a pooler before the database did, if the error shows it.
pub(crate) fn pooler_trouble(error: &sqlx::Error) -> Option<PoolerTrouble> {
    let error = error.as_database_error()?;
    DRIVERS
        .iter()
        .find_map(|driver| driver.pooler_trouble(error))
}

/// Whether an error, or one of those that caused it, means that the transaction should be retried.
pub(crate) fn is_contended(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let own = error.downcast_ref::<StoreError>();
        let own = own.and_then(StoreError::database_error);
        let of_hook = error.downcast_ref::<WriteError>();
        let own = own.or(of_hook.and_then(WriteError::database_error));
        if let Some(error) = error.downcast_ref::<sqlx::Error>().or(own) {
            return matches!(classify(error), Class::Contended | Class::Broken);
        }
        next = error.source();
    }
    false
}
