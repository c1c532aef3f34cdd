//! What differs between databases and is only text.

use std::fmt;

use crate::cell::CellType;

/// A database that is enabled by its feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DatabaseKind {
    /// SQLite.
    #[cfg(feature = "sqlite")]
    Sqlite,
    /// PostgreSQL.
    #[cfg(feature = "postgres")]
    Postgres,
    /// MySQL and MariaDB.
    #[cfg(feature = "mysql")]
    MySql,
}

impl DatabaseKind {
    /// The text of this database.
    pub(super) fn dialect(self) -> &'static Dialect {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => &super::sqlite::DIALECT,
            #[cfg(feature = "postgres")]
            Self::Postgres => &super::postgres::DIALECT,
            #[cfg(feature = "mysql")]
            Self::MySql => &super::mysql::DIALECT,
        }
    }

    /// Whether it is MySQL or MariaDB.
    pub(super) fn is_mysql(self) -> bool {
        self.dialect().feature == "mysql"
    }

    /// Whether a transaction that asks keeps everybody else from writing.
    pub(super) fn locks_by_asking(self) -> bool {
        self.dialect().feature == "sqlite"
    }

    /// Whether it is PostgreSQL.
    pub(super) fn is_postgres(self) -> bool {
        self.dialect().feature == "postgres"
    }
}

impl fmt::Display for DatabaseKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.dialect().name)
    }
}

/// The text of one database.
#[derive(Debug)]
pub(super) struct Dialect {
    /// The name in messages.
    pub(super) name: &'static str,
    /// The feature that enables it, which is also its name in `#[stripe(database = ...)]`.
    pub(super) feature: &'static str,
    /// The quotation mark of names.
    pub(super) quote: char,
    /// Begins a transaction that writes.
    pub(super) begin: &'static str,
    /// Begins a transaction that writes rows of a list page and runs nothing of the user's.
    pub(super) begin_page: &'static str,
    /// Makes constraints that wait for the commit speak at once, so that the row to blame is found.
    pub(super) constraints_now: Option<&'static str>,
    /// Creates the bookkeeping tables where they are missing.
    pub(super) prepare: &'static [&'static str],
    /// Creates the tables of live events where they are missing.
    #[cfg_attr(
        not(feature = "live"),
        allow(dead_code, reason = "only live events have them")
    )]
    pub(super) live: &'static [&'static str],
    /// At the end of a SELECT: keeps the rows, and leaves out those that others keep.
    #[cfg_attr(
        not(feature = "live"),
        allow(dead_code, reason = "only live events are claimed")
    )]
    pub(super) skip_locked: &'static str,
    /// The database's own time in milliseconds since 1970.
    pub(super) now_millis: &'static str,
    /// What an INSERT says to leave an existing row alone: before `INTO`, and at the end.
    pub(super) or_ignore: (&'static str, &'static str),
    /// At the end of a SELECT: keeps others from changing the rows.
    pub(super) for_share: &'static str,
    /// At the end of a SELECT: keeps others from changing or share-locking the rows.
    pub(super) for_update: &'static str,
    /// The function of the larger of two numbers.
    pub(super) greatest: &'static str,
    /// The function of the smaller of two numbers.
    #[cfg_attr(
        not(feature = "live"),
        allow(dead_code, reason = "only live events are due")
    )]
    pub(super) least: &'static str,
    /// Hash, token and deletion of a row whose table keeps none.
    pub(super) no_freshness: &'static str,
    /// The column type of a cell type.
    pub(super) column_type: fn(CellType) -> &'static str,
    /// The type of text in a key.
    pub(super) key_text: &'static str,
    /// How a column is written in a SELECT so that its value reads as the cell type; `None` as it is.
    pub(super) read_as: fn(CellType) -> Option<&'static str>,
    /// Whether a column's type, in lower case and without length, can hold the cell type.
    pub(super) accepts: fn(CellType, &str) -> bool,
    /// The DEFAULT of a local column that is not null, so that a sync can insert a row.
    pub(super) zero: fn(CellType) -> &'static str,
}
