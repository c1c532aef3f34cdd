//! What a database's error means for the transaction: replay it, blame a row, or give up.

use std::fmt;
use std::time::Duration;

use super::dialect::DatabaseKind;
use super::error::StoreError;

/// How often a transaction is tried. With the pauses below that is some three seconds of other people's locks, on top
/// of the time that each attempt waits by itself.
const TRIES: u32 = 10;
/// The longest pause before the second try; it doubles from try to try.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

impl Fault {
    /// Others changed a row between a question and the write that followed from it.
    pub(super) fn raced() -> Self {
        Self::Busy {
            reason: "rows that others had just changed".to_owned(),
            source: None,
        }
    }
}

/// Why a transaction did not commit.
#[derive(Debug)]
pub(super) enum Fault {
    /// A deadlock, a lock time-out, a serialization failure, or a row that others changed between a question and the
    /// write that followed from it: the same transaction may succeed.
    Busy {
        reason: String,
        source: Option<sqlx::Error>,
    },
    /// A value or a constraint: some row is to blame.
    Data(sqlx::Error),
    /// Anything else that the database says.
    Other(sqlx::Error),
    /// What the store itself refuses.
    Refused(StoreError),
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        match meaning(&error) {
            Meaning::Busy => Self::Busy {
                reason: error.to_string(),
                source: Some(error),
            },
            Meaning::Data => Self::Data(error),
            Meaning::Other => Self::Other(error),
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy { reason, .. } => f.write_str(reason),
            Self::Data(error) | Self::Other(error) => error.fmt(f),
            Self::Refused(error) => error.fmt(f),
        }
    }
}

/// What an error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The same transaction may succeed.
    Busy,
    /// A row is to blame.
    Data,
    /// Neither.
    Other,
}

/// What an error means.
pub(super) fn meaning(error: &sqlx::Error) -> Meaning {
    // A value that cannot be sent, such as text with a number too many for the protocol.
    if matches!(error, sqlx::Error::Encode(_)) {
        return Meaning::Data;
    }
    let Some(error) = error.as_database_error() else {
        return Meaning::Other;
    };
    #[cfg(feature = "postgres")]
    if let Some(error) = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
        return match error.code() {
            // serialization_failure, deadlock_detected, lock_not_available
            "40001" | "40P01" | "55P03" => Meaning::Busy,
            code if code.starts_with("22") || code.starts_with("23") => Meaning::Data,
            _ => Meaning::Other,
        };
    }
    #[cfg(feature = "mysql")]
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return super::mysql::meaning(error.number(), error.code());
    }
    #[cfg(feature = "sqlite")]
    if error
        .try_downcast_ref::<sqlx::sqlite::SqliteError>()
        .is_some()
    {
        return super::sqlite::meaning(error.code().as_deref());
    }
    Meaning::Other
}

/// Whether an error, or one of those that caused it, says that the transaction should be replayed.
pub(super) fn is_busy(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<sqlx::Error>() {
            return meaning(error) == Meaning::Busy;
        }
        next = error.source();
    }
    false
}

/// The tries of one transaction.
#[derive(Debug)]
pub(super) struct Tries<'t> {
    table: &'t str,
    database: DatabaseKind,
    made: u32,
}

impl<'t> Tries<'t> {
    pub(super) fn new(table: &'t str, database: DatabaseKind) -> Self {
        Self {
            table,
            database,
            made: 0,
        }
    }

    /// Waits before the next try.
    ///
    /// # Errors
    /// When another try would not help, or there were enough.
    pub(super) async fn again(&mut self, fault: Fault) -> Result<(), StoreError> {
        self.made += 1;
        let (reason, source) = match fault {
            Fault::Busy { reason, source } => (reason, source),
            fault => return Err(self.give_up(fault)),
        };
        if self.made >= TRIES {
            return Err(StoreError::Contended {
                table: self.table.to_owned(),
                tries: self.made,
                reason,
                source,
            });
        }
        tracing::debug!(
            name: "stripe_sync.replay",
            table = self.table,
            tries = self.made,
            reason,
            "transaction replayed"
        );
        let longest = FIRST_PAUSE
            .saturating_mul(1 << self.made.min(10))
            .min(LONGEST_PAUSE);
        // Jitter: two transactions that met should not meet again.
        tokio::time::sleep(longest.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
        Ok(())
    }

    /// The error of a fault that is not replayed.
    pub(super) fn give_up(&self, fault: Fault) -> StoreError {
        match fault {
            Fault::Refused(error) => error,
            Fault::Data(source) | Fault::Other(source) => StoreError::Database {
                table: self.table.to_owned(),
                database: self.database,
                source,
            },
            Fault::Busy { reason, source } => StoreError::Contended {
                table: self.table.to_owned(),
                tries: self.made,
                reason,
                source,
            },
        }
    }
}
