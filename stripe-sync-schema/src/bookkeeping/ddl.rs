//! The statements that create the bookkeeping tables, as each database writes them.

use super::Bookkeeping;
use super::list::{CLOCK, VERSION};
use super::table::{Column, Index, Table, Type};
use super::tokens;
use crate::sql::Database;

impl Bookkeeping<'_> {
    /// The statement that creates the schema, where one is named. SQLite's are attached by the connection.
    pub(super) fn create_schema(self) -> Option<String> {
        let schema = self.schema()?;
        (self.database != Database::Sqlite).then(|| format!("CREATE SCHEMA IF NOT EXISTS {schema}"))
    }

    /// The statements that create one table with its indexes.
    pub(super) fn create(self, table: &Table) -> Vec<String> {
        let database = self.database;
        if database == Database::Postgres && table.name == CLOCK {
            return tokens::creation(self).into();
        }
        let columns = table.columns.iter().map(|column| self.definition(column));
        let mut lines: Vec<String> = columns.collect();
        // A number that the database gives says itself that it is the key.
        if !table.columns.iter().any(|one| one.kind == Type::Sequence) {
            let key: Vec<String> = table.key.iter().map(|name| database.quote(name)).collect();
            lines.push(format!("PRIMARY KEY ({})", key.join(", ")));
        }
        let mut indexes = Vec::new();
        for index in table.indexes {
            match database {
                Database::MySql => lines.push(format!(
                    "INDEX {} ({})",
                    self.alone(index.name),
                    self.index_columns(index)
                )),
                Database::Sqlite | Database::Postgres => {
                    indexes.push(self.create_index(table, index));
                }
            }
        }
        let [begin, end] = match database {
            Database::Postgres if table.unlogged => ["UNLOGGED ", ""],
            Database::MySql => [
                "",
                " ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            ],
            _ => ["", ""],
        };
        let (name, lines) = (self.table(table.name), lines.join(",\n  "));
        let create = format!("CREATE {begin}TABLE IF NOT EXISTS {name} (\n  {lines}\n){end}");
        indexes.insert(0, create);
        indexes
    }

    /// The statement that creates an index of a table that is there.
    pub(super) fn create_index(self, table: &Table, index: &Index) -> String {
        let columns = self.index_columns(index);
        // An index is in its table's schema: PostgreSQL wants that said of the table only, SQLite of the index only.
        let (name, on) = match self.database {
            Database::Sqlite => (self.table(index.name), self.alone(table.name)),
            Database::Postgres => (self.alone(index.name), self.table(table.name)),
            Database::MySql => {
                let (table, name) = (self.table(table.name), self.alone(index.name));
                return format!("ALTER TABLE {table} ADD INDEX {name} ({columns})");
            }
        };
        format!("CREATE INDEX IF NOT EXISTS {name} ON {on} ({columns})")
    }

    /// The statement that drops an index of a table.
    pub(super) fn drop_index(self, table: &str, index: &str) -> String {
        match self.database {
            Database::Sqlite | Database::Postgres => {
                format!("DROP INDEX IF EXISTS {}", self.table(index))
            }
            Database::MySql => {
                let (table, name) = (self.table(table), self.alone(index));
                format!("ALTER TABLE {table} DROP INDEX {name}")
            }
        }
    }

    /// The rows that tables have from the beginning; one that is there stays.
    pub(super) fn seeds(self) -> Vec<String> {
        // PostgreSQL's clock is a sequence.
        let clock = (self.database != Database::Postgres)
            .then(|| self.seed("$clock (one, token) VALUES (1, 0)"));
        let cursors = "$cursors (name, account, livemode, value) VALUES ('changes', '', FALSE, 1)";
        clock.into_iter().chain([self.seed(cursors)]).collect()
    }

    /// Says that the tables are of this version, and no more of an older one that they said they are of.
    pub(super) fn version_row(self, older: Option<i64>) -> String {
        match older {
            Some(older) => self.expand(&format!(
                "UPDATE $version SET version = {VERSION} WHERE version = {older}"
            )),
            None => self.seed(&format!("$version (one, version) VALUES (1, {VERSION})")),
        }
    }

    fn seed(self, row: &str) -> String {
        let (insert, or_ignore) = self.database.or_ignore();
        self.expand(&format!("{insert} INTO {row}{or_ignore}"))
    }

    /// A column as CREATE TABLE and ADD COLUMN write it.
    pub(super) fn definition(self, column: &Column) -> String {
        let name = self.database.quote(column.name);
        let kind = self.database.of(type_names(column.kind));
        let behind = match (self.database, column.kind) {
            (Database::Sqlite, Type::One) => " CHECK (\"one\" = 1)",
            // Without it, SQLite gives the number of a deleted last row again.
            (Database::Sqlite, Type::Sequence) => " PRIMARY KEY AUTOINCREMENT",
            // An identity needs no grant besides the table's, other than a sequence.
            (Database::Postgres, Type::Sequence) => " GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
            (Database::MySql, Type::Sequence) => " AUTO_INCREMENT PRIMARY KEY",
            _ => "",
        };
        let computed = column.computed.map_or_else(String::new, |expressions| {
            let expression = self.database.of(expressions);
            // SQLite adds no stored column to a table that is there, and PostgreSQL knows no other.
            let stored = self.database.of(["VIRTUAL", "STORED", "STORED"]);
            format!(" GENERATED ALWAYS AS ({expression}) {stored}")
        });
        format!("{name} {kind}{computed}{}{behind}", column.constraint)
    }

    fn index_columns(self, index: &Index) -> String {
        // Without quotation marks, which no column needs: SQLite takes a quoted name that is not there for a text.
        let column = |column: &&str| match index.beginning {
            Some((beginning, letters))
                if self.database == Database::MySql && beginning == *column =>
            {
                format!("{column}({letters})")
            }
            _ => (*column).to_owned(),
        };
        let columns: Vec<String> = index.columns.iter().map(column).collect();
        columns.join(", ")
    }
}

/// A type's name in SQLite, PostgreSQL and MySQL.
fn type_names(kind: Type) -> [&'static str; 3] {
    match kind {
        Type::One => ["INTEGER", "BIGINT", "INT"],
        Type::Integer | Type::Sequence => ["INTEGER", "BIGINT", "BIGINT"],
        // A schema and a table have 64 characters each at the most.
        Type::TableName | Type::Object => ["TEXT", "TEXT", "VARCHAR(130)"],
        Type::Key => ["TEXT", "TEXT", "VARCHAR(255)"],
        Type::ShortText => ["TEXT", "TEXT", "VARCHAR(64)"],
        Type::Lane => ["TEXT", "TEXT", "VARCHAR(530)"],
        Type::Text => ["TEXT", "TEXT", "LONGTEXT"],
        Type::Boolean => ["BOOLEAN", "BOOLEAN", "BOOLEAN"],
        Type::Bytes => ["BLOB", "BYTEA", "MEDIUMBLOB"],
    }
}
