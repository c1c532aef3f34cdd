//! What differs between databases and is only text.

use std::fmt;
use std::time::Duration;

use stripe_sync_schema::sql::Database;
use stripe_sync_schema::table::Statements;

use crate::model::Sql;
use crate::store::db::{Driver, driver};

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
    /// Returns the Cargo feature that enables it: `sqlite`, `postgres` or `mysql`. A crate without these features, such as one of
    /// models, tells the databases apart by it.
    #[must_use]
    pub fn feature(self) -> &'static str {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => "sqlite",
            #[cfg(feature = "postgres")]
            Self::Postgres => "postgres",
            #[cfg(feature = "mysql")]
            Self::MySql => "mysql",
        }
    }

    /// What this database does in its own way.
    pub(crate) fn driver(self) -> &'static dyn Driver {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => &driver::sqlite::Sqlite,
            #[cfg(feature = "postgres")]
            Self::Postgres => &driver::postgres::Postgres,
            #[cfg(feature = "mysql")]
            Self::MySql => &driver::mysql::MySql,
        }
    }

    /// The text of this database.
    pub(crate) fn dialect(self) -> &'static Dialect {
        self.driver().dialect()
    }

    /// The database as the writer of statements names it.
    pub(crate) fn sql(self) -> Database {
        self.dialect().sql
    }

    /// An INSERT that leaves a row alone that exists: `into` is the table, its columns and the values.
    pub(crate) fn insert_new(self, into: &str) -> String {
        let (insert, or_ignore) = self.sql().or_ignore();
        format!("{insert} INTO {into}{or_ignore}")
    }

    /// An INSERT of a bookkeeping row with this key and these values. A row that exists gets the values.
    pub(crate) fn upsert(self, table: &str, key: &str, values: &[&str]) -> String {
        let places = vec!["?"; key.split(',').count() + values.len()].join(", ");
        let set = |column: &&str| format!("{column} = {}", self.sql().new_value(column));
        format!(
            "INSERT INTO {table} ({key}, {}) VALUES ({places}) {} {}",
            values.join(", "),
            self.sql().on_conflict(key),
            Vec::from_iter(values.iter().map(set)).join(", ")
        )
    }

    /// A moment by the database's clock, so long from now, in milliseconds.
    pub(crate) fn in_future(self, after: Duration) -> String {
        format!("{} + {}", self.dialect().now_millis, after.as_millis())
    }

    /// The parameter with a number, from 1, in a text that is sent as it is.
    pub(crate) fn placeholder(self, number: usize) -> String {
        match self.dialect().numbered {
            true => format!("${number}"),
            false => "?".to_owned(),
        }
    }

    /// Whether it is MySQL or MariaDB.
    #[cfg(test)]
    pub(crate) fn is_mysql(self) -> bool {
        self.sql() == Database::MySql
    }

    /// Whether it is PostgreSQL.
    #[cfg(test)]
    pub(crate) fn is_postgres(self) -> bool {
        self.sql() == Database::Postgres
    }
}

impl fmt::Display for DatabaseKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.dialect().name)
    }
}

/// The longest name of a table or a schema.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LongestName {
    #[cfg_attr(
        not(feature = "postgres"),
        allow(dead_code, reason = "only PostgreSQL counts them")
    )]
    Bytes(usize),
    #[cfg_attr(
        not(feature = "mysql"),
        allow(dead_code, reason = "only MySQL counts them")
    )]
    Letters(usize),
}

impl LongestName {
    /// Whether a name is as it was given, and neither cut nor refused.
    pub(crate) fn fits(self, name: &str) -> bool {
        match self {
            Self::Bytes(most) => name.len() <= most,
            Self::Letters(most) => name.chars().count() <= most,
        }
    }
}

impl fmt::Display for LongestName {
    /// As in `63 bytes`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(most) => write!(f, "{most} bytes"),
            Self::Letters(most) => write!(f, "{most} letters"),
        }
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
    /// The statements of a model, if it was derived for this database.
    pub(crate) statements: fn(&Sql) -> Option<&Statements>,
    /// Begins a transaction that writes.
    pub(crate) begin: &'static str,
    /// Begins a transaction that writes rows of a list page and runs nothing of the user's, if in a way of its own.
    pub(crate) begin_page: Option<&'static str>,
    /// Checks deferred constraints at once, so that the error is attributed to a row.
    pub(crate) constraints_now: Option<&'static str>,
    /// At the end of a SELECT: locks the rows, and skips those that others have locked.
    #[cfg_attr(
        not(feature = "live"),
        allow(dead_code, reason = "only live events are claimed")
    )]
    pub(crate) skip_locked: &'static str,
    /// The database's own time in milliseconds since 1970.
    pub(crate) now_millis: &'static str,
    /// At the end of a SELECT: a shared lock on the rows.
    pub(crate) for_share: &'static str,
    /// At the end of a SELECT: an exclusive lock on the rows.
    pub(crate) for_update: &'static str,
    /// The function of the smaller of two numbers.
    #[cfg_attr(
        not(feature = "live"),
        allow(dead_code, reason = "only live events are due")
    )]
    pub(crate) least: &'static str,
    /// The type of text in a key.
    pub(crate) key_text: &'static str,
    /// Asks for the columns of a table, as [`FoundColumn`](crate::store::db::column::FoundColumn) has them. PostgreSQL binds
    /// the quoted name, the others the schema or null, and the name.
    pub(crate) columns: &'static str,
    /// Asks for the unique keys of a table: a name and a column for each, in order. Binds as `columns`.
    pub(crate) unique_keys: &'static str,
    /// Asks for the indexes of a table: a name, a column, whether no two rows have the same values, and whether the whole
    /// column is in it, for each column in the order of the index. Binds as `columns`.
    pub(crate) indexes: &'static str,
    /// Asks for the tables to which foreign keys of a table lead: the table's own name as the database writes it, and that of
    /// another one; one row with an empty text at the least, unless there is no such table. Binds as `columns`.
    pub(crate) foreign_keys: &'static str,
    /// Asks for what stands in the way of statements that change a table: a column, what is prevented, and why. Binds as
    /// `columns`.
    pub(crate) obstacles: &'static str,
    /// Asks whether a schema is there; binds its name. `None` where a namespace is no schema, and a prefix of a table's name.
    pub(crate) has_schema: Option<&'static str>,
    /// The longest name that the database keeps, if it has a limit.
    pub(crate) longest_name: Option<LongestName>,
    /// Returns the next token, inside a transaction or not.
    pub(crate) next_token: &'static str,
    /// Whether tokens come from a sequence, which a transaction neither locks nor sets back.
    pub(crate) sequence: bool,
    /// Whether a token must be taken before the transaction: the counter's row would stay locked until its end.
    pub(crate) token_before: bool,
    /// Whether parameters have numbers.
    pub(crate) numbered: bool,
    /// Whether names of columns have a case.
    pub(crate) names_have_case: bool,
    /// Whether poolers may send each transaction to another connection.
    pub(crate) pooled: bool,
    /// Whether a transaction that only reads blocks all other writers.
    pub(crate) locks_by_asking: bool,
    /// Whether a transaction can tell others of what it committed.
    pub(crate) notifies: bool,
    /// Whether an UPDATE returns rows.
    pub(crate) returning: bool,
    /// What CREATE INDEX says to leave an index alone that exists.
    pub(crate) index_if_new: &'static str,
    /// Whether CREATE INDEX names the schema before the index and not before the table.
    pub(crate) index_is_in_schema: bool,
    /// How many characters all columns of an index have at most together, where a text without a length is indexed by its
    /// beginning.
    pub(crate) index_characters: Option<usize>,
    /// Whether CREATE TABLE has the indexes and comments, because no statement adds them only if they are not there.
    pub(crate) declares_inside: bool,
    /// The most bytes of the comments of a table and of a column; `None` where there are none.
    pub(crate) comment_bytes: Option<(usize, usize)>,
    /// Whether a backslash in a literal is the beginning of an escape.
    pub(crate) escapes_backslash: bool,
    /// What follows the columns in CREATE TABLE.
    pub(crate) table_options: &'static str,
}

impl Dialect {
    /// Whether a namespace is a schema, and not a prefix of a table's name.
    pub(crate) fn has_namespaces(&self) -> bool {
        self.has_schema.is_some()
    }

    /// What most databases have in common.
    pub(crate) const COMMON: Self = Self {
        sql: Database::Sqlite,
        name: "",
        feature: "",
        statements: |_| None,
        begin: "BEGIN",
        begin_page: None,
        constraints_now: None,
        skip_locked: " FOR UPDATE SKIP LOCKED",
        now_millis: "",
        for_share: " FOR SHARE",
        for_update: " FOR UPDATE",
        least: "LEAST",
        key_text: "text",
        columns: "",
        unique_keys: "",
        indexes: "",
        foreign_keys: "",
        obstacles: "",
        has_schema: None,
        longest_name: None,
        next_token: "",
        sequence: false,
        token_before: false,
        numbered: false,
        names_have_case: false,
        pooled: false,
        locks_by_asking: false,
        notifies: false,
        returning: true,
        index_if_new: "IF NOT EXISTS ",
        index_is_in_schema: false,
        index_characters: None,
        declares_inside: false,
        comment_bytes: None,
        escapes_backslash: false,
        table_options: "",
    };
}
