//! The statements that create a model's table, or mend one.

use stripe_sync_schema::sql::{quote, quote_table};
use stripe_sync_schema::table::{DELETED_AT, HASH, OBSERVED_AT};

use super::db::dialect::{DatabaseKind, Dialect};
use crate::cell::CellType;
use crate::model::{Column, Model, Role};
use crate::registry::TableName;

/// The statements that create a model's table with its bookkeeping columns and its key.
pub(crate) fn create_table(
    model: &Model,
    table: &TableName,
    database: DatabaseKind,
) -> Vec<String> {
    let dialect = database.dialect();
    let mut lines: Vec<String> = model
        .columns()
        .iter()
        .map(|column| format!("  {}", definition(dialect, column)))
        .collect();
    for name in bookkeeping(model) {
        lines.push(format!("  {}", bookkeeping_definition(dialect, name)));
    }
    let key: Vec<String> = key(model)
        .into_iter()
        .map(|name| quote(name, dialect.quote))
        .collect();
    lines.push(format!("  PRIMARY KEY ({})", key.join(", ")));
    let table = quote_table(table.schema(), table.name(), dialect.quote);
    // A MySQL server's own default may be a character set that cannot hold all of Stripe's text.
    let charset = if database.is_mysql() {
        " CHARACTER SET utf8mb4"
    } else {
        ""
    };
    vec![format!(
        "CREATE TABLE IF NOT EXISTS {table} (\n{}\n){charset}",
        lines.join(",\n")
    )]
}

/// The columns of the model's key.
pub(super) fn key(model: &Model) -> Vec<&'static str> {
    [Role::Account, Role::Livemode, Role::Id]
        .into_iter()
        .filter_map(|role| model.role(role))
        .map(|column| column.name)
        .collect()
}

/// The bookkeeping columns that the model's table must have.
pub(super) fn bookkeeping(model: &Model) -> Vec<&'static str> {
    if model.parts.unguarded {
        return Vec::new();
    }
    let mut names = vec![OBSERVED_AT, HASH];
    if model.role(Role::DeletedAt).is_none() {
        names.push(DELETED_AT);
    }
    names
}

/// The type of a bookkeeping column's cells.
pub(super) fn bookkeeping_cell(name: &str) -> CellType {
    if name == DELETED_AT {
        CellType::Instant
    } else {
        CellType::Integer
    }
}

/// A bookkeeping column as CREATE TABLE and ADD COLUMN write it.
pub(super) fn bookkeeping_definition(dialect: &Dialect, name: &str) -> String {
    let sql_type = (dialect.column_type)(bookkeeping_cell(name));
    // A row that was there before the first sync is older than every read.
    let constraint = if name == OBSERVED_AT {
        " NOT NULL DEFAULT 0"
    } else {
        ""
    };
    format!("{} {sql_type}{constraint}", quote(name, dialect.quote))
}

/// A column of the struct as CREATE TABLE writes it.
fn definition(dialect: &Dialect, column: &Column) -> String {
    let name = quote(column.name, dialect.quote);
    let sql_type = sql_type(dialect, column);
    let constraint = match (column.role, column.cell) {
        (Role::DeletedAt, _) => String::new(),
        (Role::Local, Some(cell)) if !column.nullable && column.sql_type.is_none() => {
            format!(" NOT NULL DEFAULT {}", (dialect.zero)(cell))
        }
        // A sync inserts rows without knowing what the application's own column should hold.
        (Role::Local, _) => String::new(),
        _ if column.nullable => String::new(),
        _ => " NOT NULL".to_owned(),
    };
    format!("{name} {sql_type}{constraint}")
}

/// A column's SQL type.
pub(super) fn sql_type(dialect: &Dialect, column: &Column) -> String {
    if let Some(sql_type) = column.sql_type {
        return sql_type.to_owned();
    }
    let cell = column.cell.unwrap_or(match column.role {
        Role::SyncedAt | Role::DeletedAt => CellType::Instant,
        Role::Livemode => CellType::Boolean,
        _ => CellType::Text,
    });
    let in_key = matches!(column.role, Role::Id | Role::Account);
    match cell {
        CellType::Text if in_key => dialect.key_text,
        cell => (dialect.column_type)(cell),
    }
    .to_owned()
}

/// Adds a column of the struct to a table that may have rows, which is why it may be null: the next sync fills it.
pub(super) fn add_column(table: &str, dialect: &Dialect, column: &Column) -> String {
    let definition = match column.role {
        Role::Local => definition(dialect, column),
        _ => format!(
            "{} {}",
            quote(column.name, dialect.quote),
            sql_type(dialect, column)
        ),
    };
    format!("ALTER TABLE {table} ADD COLUMN {definition}")
}
