//! What a database's error means for the work: do it again, blame a row, or give up.

use std::fmt;
use std::time::Duration;

use crate::store::db::driver::DRIVERS;
use crate::store::db::row::RowError;
use crate::store::db::{DatabaseKind, PoolerTrouble, StoreError};

/// How often contended work is tried. With the pauses below that is some three seconds of other people's locks, on top
/// of the time that each attempt waits by itself.
const CONTENDED_ATTEMPTS: u32 = 10;
/// How often work is tried whose connection broke: the next connection may be of the same server that is going down.
const BROKEN_ATTEMPTS: u32 = 4;
/// How often work is tried whose server fell silent: each attempt waits for the whole of the bound.
const SILENT_ATTEMPTS: u32 = 2;
/// The longest pause before the second attempt; it doubles from one to the next.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Why some work was not committed.
#[derive(Debug)]
pub(crate) enum TxError {
    /// A deadlock, a lock time-out, a serialization failure, or a row that others changed between a question and the
    /// write that followed from it: the same work may succeed.
    Contended {
        reason: String,
        source: Option<sqlx::Error>,
    },
    /// The connection broke, or none could be made: another one may do.
    Broken(sqlx::Error),
    /// The server did not answer within the bound.
    Silent(Duration),
    /// A value or a constraint: some row is to blame.
    Data(sqlx::Error),
    /// An answer does not hold what the program reads from it.
    Row(RowError),
    /// Anything else that the database says.
    Other(sqlx::Error),
    /// What the store itself refuses.
    Refused(StoreError),
}

impl TxError {
    /// Others changed a row between a question and the write that followed from it.
    pub(crate) fn conflict() -> Self {
        Self::Contended {
            reason: "rows that others had just changed".to_owned(),
            source: None,
        }
    }

    /// Whether the connection can serve nobody any more.
    pub(crate) fn lost_connection(&self) -> bool {
        matches!(self, Self::Broken(_) | Self::Silent(_))
    }

    /// Whether the server fell silent, or connections of the pool did.
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

impl From<StoreError> for TxError {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl From<RowError> for TxError {
    fn from(error: RowError) -> Self {
        Self::Row(error)
    }
}

impl fmt::Display for TxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contended { reason, .. } => f.write_str(reason),
            Self::Broken(error) | Self::Data(error) | Self::Other(error) => error.fmt(f),
            Self::Silent(limit) => write!(f, "no answer within {} s", limit.as_secs_f64()),
            Self::Row(error) => error.fmt(f),
            Self::Refused(error) => error.fmt(f),
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

/// Returns what a pooler before the database did, if the error says so.
fn pooler_trouble(error: &sqlx::Error) -> Option<PoolerTrouble> {
    let error = error.as_database_error()?;
    DRIVERS
        .iter()
        .find_map(|driver| driver.pooler_trouble(error))
}

/// Whether an error, or one of those that caused it, says that the transaction should be done again.
pub(crate) fn is_contended(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let own = error.downcast_ref::<StoreError>();
        let own = own.and_then(StoreError::database_error);
        if let Some(error) = error.downcast_ref::<sqlx::Error>().or(own) {
            return matches!(classify(error), Class::Contended | Class::Broken);
        }
        next = error.source();
    }
    false
}

/// The attempts at one piece of work.
#[derive(Debug)]
pub(crate) struct Retry<'t> {
    table: &'t str,
    database: DatabaseKind,
    made: u32,
}

impl<'t> Retry<'t> {
    pub(crate) fn new(table: &'t str, database: DatabaseKind) -> Self {
        Self {
            table,
            database,
            made: 0,
        }
    }

    /// Waits before the next attempt.
    ///
    /// # Errors
    /// When another attempt would not help, or there were enough.
    pub(crate) async fn again(&mut self, error: TxError) -> Result<(), StoreError> {
        self.made += 1;
        let most = match &error {
            TxError::Contended { .. } => CONTENDED_ATTEMPTS,
            TxError::Silent(_) | TxError::Broken(sqlx::Error::PoolTimedOut) => SILENT_ATTEMPTS,
            TxError::Broken(_) => BROKEN_ATTEMPTS,
            _ => 1,
        };
        if self.made >= most {
            return Err(self.give_up(error));
        }
        tracing::debug!(
            name: "stripe_sync.replay",
            table = self.table,
            attempts = self.made,
            reason = %error,
            "work with the database is done again"
        );
        let longest = FIRST_PAUSE
            .saturating_mul(1 << self.made.min(10))
            .min(LONGEST_PAUSE);
        // Jitter: two transactions that met should not meet again.
        tokio::time::sleep(longest.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
        Ok(())
    }

    /// The error of work that is not done again.
    fn give_up(&self, error: TxError) -> StoreError {
        let table = self.table.to_owned();
        let database = self.database;
        match error {
            TxError::Refused(error) => error,
            TxError::Data(cause) | TxError::Other(cause) | TxError::Broken(cause) => {
                match pooler_trouble(&cause) {
                    Some(trouble) => StoreError::Pooler {
                        table,
                        trouble,
                        cause,
                    },
                    None => StoreError::Database {
                        table,
                        database,
                        cause,
                    },
                }
            }
            TxError::Silent(limit) => StoreError::Silent {
                table,
                database,
                limit,
            },
            TxError::Row(error) => StoreError::UnexpectedRow {
                table,
                database,
                cause: error.into(),
            },
            TxError::Contended {
                reason,
                source: cause,
            } => StoreError::Contended {
                table,
                tries: self.made,
                reason,
                cause,
            },
        }
    }
}
