//! The lock under which the bookkeeping tables are created and changed, by one process at a time.

use std::time::Duration;

use crate::sql::Database;

/// PostgreSQL's `CREATE ... IF NOT EXISTS` fails when two sessions do it at once; this lock lets one wait for the
/// other. The number is arbitrary, and the same in every version.
const PREPARE_LOCK: i64 = 0x0073_7472_6970_6573;
/// The name of MySQL's lock, which is one of the whole server and has at most 64 characters.
const NAME: &str = "CONCAT('stripe_sync ', MD5(COALESCE(DATABASE(), '')))";

/// How one process at a time has the bookkeeping tables to itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// Takes the lock. Answers one number, which is 1 if the lock is taken, and 0 if another process has had it all the
    /// while.
    pub take: String,
    /// Gives the lock back, on the same connection. Where there is none, the end of the transaction does.
    pub give: Option<String>,
}

impl Lock {
    /// Returns the lock of a database, or `None` if a transaction that writes is the only one.
    ///
    /// PostgreSQL's is held until the transaction ends, so the statements run in it. MySQL commits each statement that
    /// creates a table, so its lock is the connection's, and another process is waited for no longer than this.
    #[must_use]
    pub fn of(database: Database, longest_wait: Duration) -> Option<Self> {
        let (take, give) = match database {
            Database::Sqlite => return None,
            Database::Postgres => (
                format!("SELECT 1::bigint FROM pg_advisory_xact_lock({PREPARE_LOCK})"),
                None,
            ),
            Database::MySql => (
                format!(
                    "SELECT CAST(GET_LOCK({NAME}, {}) AS SIGNED)",
                    longest_wait.as_secs()
                ),
                Some(format!("DO RELEASE_LOCK({NAME})")),
            ),
        };
        Some(Self { take, give })
    }
}
