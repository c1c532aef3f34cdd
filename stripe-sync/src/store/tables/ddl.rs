//! The statements that create the bookkeeping tables, as each database writes them.

use stripe_sync_schema::sql::quote;

use super::bookkeeping::{VERSION, tables};
use super::placement::Placement;
use super::table::{Absent, Column, Index, Table, Type};
use crate::store::DatabaseKind;

/// The statements that create the bookkeeping tables in an empty database, in their order, as a migration of one's own
/// may hold them. Each may be repeated.
///
/// They are not for a database in which a version of `stripe-sync` without the table `version` left tables: those are
/// brought up to date by a program that may create tables.
///
/// A role that has them created by another one needs `SELECT`, `INSERT`, `UPDATE` and `DELETE` on the tables; on PostgreSQL
/// also `USAGE` on their schema, and `EXECUTE` on the two functions where that was taken from `PUBLIC`. PostgreSQL has to be
/// 14 or newer.
///
/// ```
/// # #[cfg(feature = "postgres")] {
/// use stripe_sync::{DatabaseKind, Placement, bookkeeping_statements};
///
/// let placement = Placement::default().schema("stripe");
/// let migration = bookkeeping_statements(DatabaseKind::Postgres, &placement).join(";\n\n");
/// assert!(migration.starts_with("CREATE SCHEMA IF NOT EXISTS \"stripe\""));
/// # }
/// ```
#[must_use]
pub fn bookkeeping_statements(kind: DatabaseKind, placement: &Placement) -> Vec<String> {
    let mut statements: Vec<String> = schema(kind, placement).into_iter().collect();
    for table in tables() {
        statements.extend(creation(kind, placement, table));
    }
    statements.extend(seeds(kind, placement));
    statements.push(version_row(kind, placement));
    statements
}

/// The statement that creates the schema, where one is named. SQLite's are attached by the connection.
pub(super) fn schema(kind: DatabaseKind, placement: &Placement) -> Option<String> {
    if !kind.is_postgres() && !kind.is_mysql() {
        return None;
    }
    let schema = placement.quoted_schema(kind)?;
    Some(format!("CREATE SCHEMA IF NOT EXISTS {schema}"))
}

/// The statements that create one table with its indexes.
pub(super) fn creation(kind: DatabaseKind, placement: &Placement, table: &Table) -> Vec<String> {
    #[cfg(feature = "postgres")]
    if kind.is_postgres() && table.name == super::bookkeeping::CLOCK {
        return super::tokens::creation(placement);
    }
    let name = placement.table(kind, table.name);
    let mut lines: Vec<String> = table
        .columns
        .iter()
        .map(|column| definition(kind, column))
        .collect();
    let numbered = table
        .columns
        .iter()
        .any(|column| column.kind == Type::Sequence);
    // A number that the database gives says itself that it is the key.
    if !numbered {
        lines.push(format!("PRIMARY KEY ({})", names(kind, table.key)));
    }
    if kind.is_mysql() {
        for index in table.indexes {
            let (index, columns) = index_parts(kind, placement, index);
            lines.push(format!("INDEX {index} ({columns})"));
        }
    }
    let unlogged = match table.unlogged && kind.is_postgres() {
        true => "UNLOGGED ",
        false => "",
    };
    let end = match kind.is_mysql() {
        true => " ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        false => "",
    };
    let mut statements = vec![format!(
        "CREATE {unlogged}TABLE IF NOT EXISTS {name} (\n  {}\n){end}",
        lines.join(",\n  ")
    )];
    if !kind.is_mysql() {
        for index in table.indexes {
            statements.push(create_index(kind, placement, table, index));
        }
    }
    statements
}

/// The rows that a table has from the beginning; one that is there stays.
pub(super) fn seeds(kind: DatabaseKind, placement: &Placement) -> Vec<String> {
    let mut seeds = Vec::new();
    // PostgreSQL's clock is a sequence.
    if !kind.is_postgres() {
        seeds.push(seed(kind, placement, "$clock (one, token) VALUES (1, 0)"));
    }
    seeds.push(seed(
        kind,
        placement,
        "$cursors (name, account, livemode, value) VALUES ('changes', '', FALSE, 1)",
    ));
    seeds
}

/// Says that the tables are of this version.
pub(super) fn version_row(kind: DatabaseKind, placement: &Placement) -> String {
    let row = format!("$version (one, version) VALUES (1, {VERSION})");
    seed(kind, placement, &row)
}

fn seed(kind: DatabaseKind, placement: &Placement, row: &str) -> String {
    let (insert, or_ignore) = kind.dialect().or_ignore;
    let sql = format!("{insert} INTO {row}{or_ignore}");
    placement.expand(kind, &sql).into_owned()
}

/// A column as CREATE TABLE and ADD COLUMN write it.
pub(super) fn definition(kind: DatabaseKind, column: &Column) -> String {
    let name = quote(column.name, kind.dialect().quote);
    let constraint = match column.absent {
        Absent::Refused => " NOT NULL",
        Absent::Null => "",
        Absent::Zero => " NOT NULL DEFAULT 0",
        Absent::EmptyText => " NOT NULL DEFAULT ''",
        Absent::False => " NOT NULL DEFAULT FALSE",
    };
    format!(
        "{name} {}{constraint}{}",
        type_name(kind, column.kind),
        behind(kind, column.kind)
    )
}

fn create_index(kind: DatabaseKind, placement: &Placement, table: &Table, index: &Index) -> String {
    let (name, columns) = index_parts(kind, placement, index);
    // An index is in its table's schema: PostgreSQL wants that said of the table only, SQLite of the index only.
    let (name, table) = match placement.quoted_schema(kind) {
        Some(schema) if !kind.is_postgres() => {
            let name = format!("{schema}.{name}");
            (name, placement.alone(kind, table.name))
        }
        _ => (name, placement.table(kind, table.name)),
    };
    format!("CREATE INDEX IF NOT EXISTS {name} ON {table} ({columns})")
}

/// An index's name and its columns.
fn index_parts(kind: DatabaseKind, placement: &Placement, index: &Index) -> (String, String) {
    let column = |name: &&str| {
        let column = quote(name, kind.dialect().quote);
        match index.beginning {
            Some((beginning, letters)) if kind.is_mysql() && beginning == *name => {
                format!("{column}({letters})")
            }
            _ => column,
        }
    };
    let columns: Vec<String> = index.columns.iter().map(column).collect();
    (placement.alone(kind, index.name), columns.join(", "))
}

fn names(kind: DatabaseKind, names: &[&str]) -> String {
    let names: Vec<String> = names
        .iter()
        .map(|name| quote(name, kind.dialect().quote))
        .collect();
    names.join(", ")
}

fn type_name(kind: DatabaseKind, column: Type) -> &'static str {
    match kind {
        #[cfg(feature = "sqlite")]
        DatabaseKind::Sqlite => match column {
            Type::One | Type::Integer | Type::Sequence => "INTEGER",
            Type::TableName | Type::Key | Type::Object | Type::ShortText | Type::Text => "TEXT",
            Type::Boolean => "BOOLEAN",
            Type::Bytes => "BLOB",
        },
        #[cfg(feature = "postgres")]
        DatabaseKind::Postgres => match column {
            Type::One | Type::Integer | Type::Sequence => "BIGINT",
            Type::TableName | Type::Key | Type::Object | Type::ShortText | Type::Text => "TEXT",
            Type::Boolean => "BOOLEAN",
            Type::Bytes => "BYTEA",
        },
        #[cfg(feature = "mysql")]
        DatabaseKind::MySql => match column {
            Type::One => "INT",
            Type::Integer | Type::Sequence => "BIGINT",
            // A schema and a table have 64 characters each at the most.
            Type::TableName | Type::Object => "VARCHAR(130)",
            Type::Key => "VARCHAR(255)",
            Type::ShortText => "VARCHAR(64)",
            Type::Text => "LONGTEXT",
            Type::Boolean => "BOOLEAN",
            Type::Bytes => "MEDIUMBLOB",
        },
    }
}

/// What a type says behind the column's constraint.
fn behind(kind: DatabaseKind, column: Type) -> &'static str {
    match (kind, column) {
        #[cfg(feature = "sqlite")]
        (DatabaseKind::Sqlite, Type::One) => " CHECK (\"one\" = 1)",
        // Without it, SQLite gives the number of a deleted last row again.
        #[cfg(feature = "sqlite")]
        (DatabaseKind::Sqlite, Type::Sequence) => " PRIMARY KEY AUTOINCREMENT",
        // An identity needs no grant besides the table's, other than a sequence.
        #[cfg(feature = "postgres")]
        (DatabaseKind::Postgres, Type::Sequence) => " GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
        #[cfg(feature = "mysql")]
        (DatabaseKind::MySql, Type::Sequence) => " AUTO_INCREMENT PRIMARY KEY",
        _ => "",
    }
}
