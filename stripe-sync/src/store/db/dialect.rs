//! What differs between databases and is only text.

use std::fmt;

use stripe_sync_schema::sql::Database;

use crate::cell::CellType;
use crate::store::check::FoundColumn;
use crate::store::fit::Fit;

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
    pub(in crate::store) fn dialect(self) -> &'static Dialect {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => &crate::store::sqlite::DIALECT,
            #[cfg(feature = "postgres")]
            Self::Postgres => &crate::store::postgres::DIALECT,
            #[cfg(feature = "mysql")]
            Self::MySql => &crate::store::mysql::DIALECT,
        }
    }

    /// The database as the writer of statements names it.
    pub(in crate::store) fn sql(self) -> Database {
        self.dialect().sql
    }

    /// What an INSERT says before it lists the columns to update in a row that exists.
    pub(in crate::store) fn on_conflict(self, key: &str) -> String {
        self.sql().on_conflict(key)
    }

    /// How such an update sets a column to the value of the row that was not inserted.
    pub(in crate::store) fn excluded(self, column: &str) -> String {
        format!("{column} = {}", self.sql().new_value(column))
    }

    /// Whether it is MySQL or MariaDB.
    pub(in crate::store) fn is_mysql(self) -> bool {
        self.sql() == Database::MySql
    }

    /// Whether a transaction that asks keeps everybody else from writing.
    pub(in crate::store) fn locks_by_asking(self) -> bool {
        self.sql() == Database::Sqlite
    }

    /// Whether it is PostgreSQL.
    pub(in crate::store) fn is_postgres(self) -> bool {
        self.sql() == Database::Postgres
    }
}

impl fmt::Display for DatabaseKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.dialect().name)
    }
}

/// The text of one database.
#[derive(Debug)]
pub(in crate::store) struct Dialect {
    /// Whose text it is.
    pub(in crate::store) sql: Database,
    /// The name in messages.
    pub(in crate::store) name: &'static str,
    /// The feature that enables it, which is also its name in `#[stripe(database = ...)]`.
    pub(in crate::store) feature: &'static str,
    /// The quotation mark of names.
    pub(in crate::store) quote: char,
    /// Begins a transaction that writes.
    pub(in crate::store) begin: &'static str,
    /// Begins a transaction that writes rows of a list page and runs nothing of the user's.
    pub(in crate::store) begin_page: &'static str,
    /// Makes constraints that wait for the commit speak at once, so that the row to blame is found.
    pub(in crate::store) constraints_now: Option<&'static str>,
    /// At the end of a SELECT: keeps the rows, and leaves out those that others keep.
    #[cfg_attr(
        not(feature = "live"),
        allow(dead_code, reason = "only live events are claimed")
    )]
    pub(in crate::store) skip_locked: &'static str,
    /// The database's own time in milliseconds since 1970.
    pub(in crate::store) now_millis: &'static str,
    /// What an INSERT says to leave an existing row alone: before `INTO`, and at the end.
    pub(in crate::store) or_ignore: (&'static str, &'static str),
    /// At the end of a SELECT: keeps others from changing the rows.
    pub(in crate::store) for_share: &'static str,
    /// At the end of a SELECT: keeps others from changing or share-locking the rows.
    pub(in crate::store) for_update: &'static str,
    /// The function of the larger of two numbers.
    pub(in crate::store) greatest: &'static str,
    /// The function of the smaller of two numbers.
    #[cfg_attr(
        not(feature = "live"),
        allow(dead_code, reason = "only live events are due")
    )]
    pub(in crate::store) least: &'static str,
    /// The column type of a cell type.
    pub(in crate::store) column_type: fn(CellType) -> &'static str,
    /// The type of text in a key.
    pub(in crate::store) key_text: &'static str,
    /// How a column is written in a SELECT so that its value reads as the cell type; `None` as it is.
    pub(in crate::store) read_as: fn(CellType) -> Option<&'static str>,
    /// What a column does to values of a cell type; the text is the struct's own SQL type, if it has one.
    pub(in crate::store) fit: fn(CellType, Option<&str>, &FoundColumn) -> Fit,
    /// The DEFAULT of a local column that is not null, so that a sync can insert a row.
    pub(in crate::store) zero: fn(CellType) -> &'static str,
    /// Asks for the columns of a table, as [`FoundColumn`] has them. PostgreSQL binds
    /// the quoted name, the others the schema or null, and the name.
    pub(in crate::store) columns: &'static str,
    /// Asks for the unique keys of a table: a name and a column for each, in order. Binds as `columns`.
    pub(in crate::store) unique_keys: &'static str,
}
