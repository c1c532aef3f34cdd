//! The databases, and the statements that mirror a table, as text, for each of them.
//!
//! [`Statements`](crate::table::Statements) says what each statement does and binds. Every name is quoted, so a column
//! may be named `order` and a table `group`.

pub mod mysql;
pub mod postgres;
pub mod sqlite;
#[cfg(test)]
mod tests;

use crate::table::{HASH, OBSERVED_AT, Table};

/// A database that statements are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Database {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    MySql,
}

impl Database {
    /// Returns a name in quotation marks.
    #[must_use]
    pub fn quote(self, name: &str) -> String {
        quote(
            name,
            self.of([sqlite::QUOTE, postgres::QUOTE, mysql::QUOTE]),
        )
    }

    /// Returns a table's name in quotation marks, after its schema's if it has one.
    #[must_use]
    pub fn quote_table(self, schema: Option<&str>, name: &str) -> String {
        match schema {
            Some(schema) => format!("{}.{}", self.quote(schema), self.quote(name)),
            None => self.quote(name),
        }
    }

    /// Returns what an INSERT says to leave an existing row alone: before `INTO`, and at the end.
    #[must_use]
    pub const fn or_ignore(self) -> (&'static str, &'static str) {
        self.of([
            ("INSERT OR IGNORE", ""),
            ("INSERT", " ON CONFLICT DO NOTHING"),
            ("INSERT IGNORE", ""),
        ])
    }

    /// Returns what an INSERT says before it lists the columns to update in a row that exists.
    #[must_use]
    pub fn on_conflict(self, key: &str) -> String {
        match self {
            Self::Sqlite | Self::Postgres => format!("ON CONFLICT ({key}) DO UPDATE SET"),
            Self::MySql => "ON DUPLICATE KEY UPDATE".to_owned(),
        }
    }

    /// Returns what such an update calls a column's value of the row that was not inserted.
    #[must_use]
    pub fn new_value(self, column: &str) -> String {
        match self {
            Self::Sqlite | Self::Postgres => format!("excluded.{column}"),
            Self::MySql => format!("VALUES({column})"),
        }
    }

    /// Returns the function of the larger of two numbers.
    #[must_use]
    pub const fn greatest(self) -> &'static str {
        self.of(["MAX", "GREATEST", "GREATEST"])
    }

    /// One of three: that of SQLite, PostgreSQL or MySQL.
    pub(crate) const fn of<T: Copy>(self, [sqlite, postgres, mysql]: [T; 3]) -> T {
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres => postgres,
            Self::MySql => mysql,
        }
    }
}

/// A name in quotes: `"` for PostgreSQL and SQLite, a backtick for MySQL. A quote in the name is doubled.
pub fn quote(name: &str, mark: char) -> String {
    let mut quoted = String::with_capacity(name.len() + 2);
    quoted.push(mark);
    for letter in name.chars() {
        if letter == mark {
            quoted.push(mark);
        }
        quoted.push(letter);
    }
    quoted.push(mark);
    quoted
}

/// Stands in a statement for the table's quoted name, with its schema: where a table is, is known when a program runs.
pub const TABLE: &str = "{table}";
/// Stands in a statement for the table's quoted name without its schema.
pub const TABLE_NAME: &str = "{name}";

/// A table's names, quoted.
struct Names {
    table: String,
    alone: String,
    key: Vec<String>,
    columns: Vec<String>,
    deleted_at: String,
    synced_at: Option<String>,
    hash: String,
    observed_at: String,
    versioned: bool,
}

impl Names {
    fn new(table: &Table, mark: char) -> Self {
        let all = |names: &[String]| names.iter().map(|name| quote(name, mark)).collect();
        Self {
            table: TABLE.to_owned(),
            alone: TABLE_NAME.to_owned(),
            key: all(&table.key),
            columns: table
                .columns
                .iter()
                .map(|column| quote(&column.name, mark))
                .collect(),
            deleted_at: quote(&table.deleted_at, mark),
            synced_at: table.synced_at.as_ref().map(|name| quote(name, mark)),
            hash: quote(HASH, mark),
            observed_at: quote(OBSERVED_AT, mark),
            versioned: !table.unversioned,
        }
    }

    /// The id, or the position of what has none: the key's last column.
    fn id(&self) -> &str {
        self.key.last().map_or("", String::as_str)
    }

    /// The key's columns before the id.
    fn scope(&self) -> &[String] {
        self.key.split_last().map_or(&[], |(_, scope)| scope)
    }

    /// The columns of an INSERT, in the order in which a row is bound.
    fn inserted(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        if self.versioned {
            names.extend([self.hash.as_str(), self.observed_at.as_str()]);
        }
        names.extend(self.synced_at.as_deref());
        names
    }

    /// The columns that an UPDATE takes from the new row: those of an INSERT without the key. A table of nothing but
    /// its key sets the id to itself, because an UPDATE has to set something.
    fn updated(&self) -> Vec<&str> {
        let mut names = self.inserted();
        names.retain(|name| !self.key.iter().any(|key| key == name));
        if names.is_empty() {
            names.push(self.id());
        }
        names
    }

    /// The SET list of a written row; whatever is written is no longer deleted.
    fn set(&self, value: impl Fn(&str) -> String) -> String {
        let mut list: Vec<String> = self
            .updated()
            .into_iter()
            .map(|name| format!("{name} = {}", value(name)))
            .collect();
        if self.versioned {
            list.push(format!("{} = NULL", self.deleted_at));
        }
        list.join(", ")
    }

    /// The table's name without its schema, as SQLite wants it before a column's.
    fn table_alone(&self) -> &str {
        &self.alone
    }

    /// `INSERT INTO t (a, b)`.
    fn insert_into(&self) -> String {
        format!(
            "INSERT INTO {} ({})",
            self.table,
            self.inserted().join(", ")
        )
    }
}
