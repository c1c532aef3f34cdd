//! What differs between databases and is only text.

use std::fmt;

use stripe_sync_schema::sql::Database;

use crate::cell::CellType;
use crate::store::db::column::FoundColumn;
use crate::store::db::column::fit::Fit;

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
    pub(crate) fn dialect(self) -> &'static Dialect {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => &crate::store::db::driver::sqlite::DIALECT,
            #[cfg(feature = "postgres")]
            Self::Postgres => &crate::store::db::driver::postgres::DIALECT,
            #[cfg(feature = "mysql")]
            Self::MySql => &crate::store::db::driver::mysql::DIALECT,
        }
    }

    /// The database as the writer of statements names it.
    pub(crate) fn sql(self) -> Database {
        self.dialect().sql
    }

    /// What an INSERT says before it lists the columns to update in a row that exists.
    pub(crate) fn on_conflict(self, key: &str) -> String {
        self.sql().on_conflict(key)
    }

    /// How such an update sets a column to the value of the row that was not inserted.
    pub(crate) fn excluded(self, column: &str) -> String {
        format!("{column} = {}", self.sql().new_value(column))
    }

    /// Whether it is MySQL or MariaDB.
    pub(crate) fn is_mysql(self) -> bool {
        self.sql() == Database::MySql
    }

    /// Whether a transaction that asks keeps everybody else from writing.
    pub(crate) fn locks_by_asking(self) -> bool {
        self.sql() == Database::Sqlite
    }

    /// Whether it is PostgreSQL.
    pub(crate) fn is_postgres(self) -> bool {
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
pub(crate) struct Dialect {
    /// Whose text it is.
    pub(crate) sql: Database,
    /// The name in messages.
    pub(crate) name: &'static str,
    /// The feature that enables it, which is also its name in `#[stripe(database = ...)]`.
    pub(crate) feature: &'static str,
    /// The quotation mark of names.
    pub(crate) quote: char,
    /// Begins a transaction that writes.
    pub(crate) begin: &'static str,
    /// Begins a transaction that writes rows of a list page and runs nothing of the user's.
    pub(crate) begin_page: &'static str,
    /// Makes constraints that wait for the commit speak at once, so that the row to blame is found.
    pub(crate) constraints_now: Option<&'static str>,
    /// At the end of a SELECT: keeps the rows, and leaves out those that others keep.
    #[cfg_attr(
        not(feature = "live"),
        allow(dead_code, reason = "only live events are claimed")
    )]
    pub(crate) skip_locked: &'static str,
    /// The database's own time in milliseconds since 1970.
    pub(crate) now_millis: &'static str,
    /// What an INSERT says to leave an existing row alone: before `INTO`, and at the end.
    pub(crate) or_ignore: (&'static str, &'static str),
    /// At the end of a SELECT: keeps others from changing the rows.
    pub(crate) for_share: &'static str,
    /// At the end of a SELECT: keeps others from changing or share-locking the rows.
    pub(crate) for_update: &'static str,
    /// The function of the larger of two numbers.
    pub(crate) greatest: &'static str,
    /// The function of the smaller of two numbers.
    #[cfg_attr(
        not(feature = "live"),
        allow(dead_code, reason = "only live events are due")
    )]
    pub(crate) least: &'static str,
    /// The column type of a cell type.
    pub(crate) column_type: fn(CellType) -> &'static str,
    /// The type of text in a key.
    pub(crate) key_text: &'static str,
    /// How a column is written in a SELECT so that its value reads as the cell type; `None` as it is.
    pub(crate) read_as: fn(CellType) -> Option<&'static str>,
    /// What a column does to values of a cell type; the text is the struct's own SQL type, if it has one.
    pub(crate) fit: fn(CellType, Option<&str>, &FoundColumn) -> Fit,
    /// The DEFAULT of a local column that is not null, so that a sync can insert a row.
    pub(crate) zero: fn(CellType) -> &'static str,
    /// Asks for the columns of a table, as [`FoundColumn`] has them. PostgreSQL binds
    /// the quoted name, the others the schema or null, and the name.
    pub(crate) columns: &'static str,
    /// Asks for the unique keys of a table: a name and a column for each, in order. Binds as `columns`.
    pub(crate) unique_keys: &'static str,
}
