//! The lock under which the bookkeeping tables are created and changed, by one process at a time.

#[cfg(feature = "mysql")]
use crate::store::DDL_TIMEOUT;
use crate::store::DatabaseKind;

/// PostgreSQL's `CREATE ... IF NOT EXISTS` fails when two sessions do it at once; this lock lets one wait for the
/// other. The number is arbitrary, and the same in every version.
#[cfg(feature = "postgres")]
const PREPARE_LOCK: i64 = 0x0073_7472_6970_6573;
/// How long a process waits for another one that changes the tables of a MySQL server, in seconds.
#[cfg(feature = "mysql")]
const LONGEST_WAIT: u64 = DDL_TIMEOUT.as_secs();
/// The name of MySQL's lock, which is one of the whole server and has at most 64 characters.
#[cfg(feature = "mysql")]
const NAME: &str = "CONCAT('stripe_sync ', MD5(COALESCE(DATABASE(), '')))";

/// How one process at a time has the bookkeeping tables to itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct Lock {
    /// Takes the lock. Answers one number, which is 1 if the lock is taken, and 0 if another process has had it all the
    /// while.
    pub(in crate::store) take: String,
    /// Gives the lock back, on the same connection. Where there is none, the end of the transaction does.
    pub(in crate::store) give: Option<String>,
}

/// The lock of this database, or `None` if a transaction that writes is the only one.
///
/// PostgreSQL's is held until the transaction ends, so the statements run in it. MySQL commits each statement that creates
/// a table, so its lock is the connection's.
pub(in crate::store) fn lock(kind: DatabaseKind) -> Option<Lock> {
    match kind {
        #[cfg(feature = "sqlite")]
        DatabaseKind::Sqlite => None,
        #[cfg(feature = "postgres")]
        DatabaseKind::Postgres => Some(Lock {
            take: format!("SELECT 1::bigint FROM pg_advisory_xact_lock({PREPARE_LOCK})"),
            give: None,
        }),
        #[cfg(feature = "mysql")]
        DatabaseKind::MySql => Some(Lock {
            take: format!("SELECT CAST(GET_LOCK({NAME}, {LONGEST_WAIT}) AS SIGNED)"),
            give: Some(format!("DO RELEASE_LOCK({NAME})")),
        }),
    }
}
