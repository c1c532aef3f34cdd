//! The columns and the key of a model's table, and the statements that create it.

use stripe_sync_schema::sql::{quote, quote_table};
use stripe_sync_schema::table::{DELETED_AT, HASH, OBSERVED_AT};

use crate::cell::CellType;
use crate::model::registry::{Registry, TableName};
use crate::model::{Column, Model, Role};
use crate::store::db::dialect::{DatabaseKind, Dialect};

/// A column that a model's table must have: of the struct, or of the bookkeeping.
pub(crate) struct TableColumn {
    pub(crate) name: &'static str,
    pub(crate) sql_type: String,
    /// The type of its cells; `None` where only the user's own SQL type says it.
    pub(crate) cell: Option<CellType>,
    /// Whether the SQL type is the user's own.
    pub(crate) own_type: bool,
    pub(crate) in_key: bool,
    /// Whether it is the application's own: no sync writes it.
    pub(crate) local: bool,
    pub(crate) nulls: Nulls,
    /// What follows the type in CREATE TABLE.
    constraint: String,
    /// Whether it has the constraint also where it is added to a table, which may have rows.
    constrains_added: bool,
}

/// Whether a column accepts NULL.
pub(crate) enum Nulls {
    /// It must.
    Accepted,
    /// It must not.
    Refused,
    /// It must, or have a default: a sync inserts rows without it.
    AcceptedOrDefault,
    /// Both will do.
    Either,
}

/// The columns that the model's table must have.
pub(crate) fn columns(model: &Model, dialect: &Dialect) -> Vec<TableColumn> {
    let columns = model.columns().iter();
    let mut columns: Vec<TableColumn> = columns.map(|column| own(dialect, column)).collect();
    if model.parts.unversioned {
        return columns;
    }
    let added = |name, cell, constraint: &str, nulls| TableColumn {
        name,
        sql_type: (dialect.column_type)(cell).to_owned(),
        cell: Some(cell),
        own_type: false,
        in_key: false,
        local: false,
        nulls,
        constraint: constraint.to_owned(),
        constrains_added: true,
    };
    // A row that was there before the first sync is older than every read. No comparison with NULL is true, so a row
    // with NULL would never be written again.
    let since = " NOT NULL DEFAULT 0";
    columns.push(added(OBSERVED_AT, CellType::Integer, since, Nulls::Refused));
    columns.push(added(HASH, CellType::Integer, "", Nulls::Accepted));
    if model.role(Role::DeletedAt).is_none() {
        columns.push(added(DELETED_AT, CellType::Instant, "", Nulls::Accepted));
    }
    columns
}

/// A column of the struct.
fn own(dialect: &Dialect, column: &Column) -> TableColumn {
    let in_key = matches!(column.role, Role::Id | Role::Account | Role::Livemode);
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
    TableColumn {
        name: column.name,
        sql_type: sql_type(dialect, column),
        cell: column.cell,
        own_type: column.sql_type.is_some(),
        in_key,
        local: column.role == Role::Local,
        nulls: match column.role {
            Role::Local => Nulls::AcceptedOrDefault,
            Role::DeletedAt => Nulls::Accepted,
            _ if column.nullable && !in_key => Nulls::Accepted,
            _ => Nulls::Either,
        },
        constraint,
        constrains_added: column.role == Role::Local,
    }
}

fn sql_type(dialect: &Dialect, column: &Column) -> String {
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

impl Registry {
    /// Returns the statements that create all tables on a database, for a migration.
    /// [`bookkeeping_statements`](crate::store::tables::bookkeeping_statements) gives those of the bookkeeping tables.
    #[must_use]
    pub fn create_tables(&self, database: DatabaseKind) -> Vec<String> {
        let tables = self.models().zip(self.tables());
        tables
            .flat_map(|(model, table)| create_table(model, &table, database))
            .collect()
    }
}

/// The statements that create a model's table with its bookkeeping columns and its key.
pub(crate) fn create_table(
    model: &Model,
    table: &TableName,
    database: DatabaseKind,
) -> Vec<String> {
    let dialect = database.dialect();
    let quoted = |name: &str| quote(name, dialect.quote);
    let columns = columns(model, dialect).into_iter();
    let line = |column: TableColumn| {
        let name = quoted(column.name);
        format!("  {name} {}{},\n", column.sql_type, column.constraint)
    };
    let lines: String = columns.map(line).collect();
    let key: Vec<String> = key(model).into_iter().map(quoted).collect();
    let table = quote_table(table.schema(), table.name(), dialect.quote);
    // A MySQL server's own default may be a character set that cannot hold all of Stripe's text.
    let charset = if database.is_mysql() {
        " CHARACTER SET utf8mb4"
    } else {
        ""
    };
    vec![format!(
        "CREATE TABLE IF NOT EXISTS {table} (\n{lines}  PRIMARY KEY ({})\n){charset}",
        key.join(", ")
    )]
}

/// The columns of the model's key.
pub(crate) fn key(model: &Model) -> Vec<&'static str> {
    [Role::Account, Role::Livemode, Role::Id]
        .into_iter()
        .filter_map(|role| model.role(role))
        .map(|column| column.name)
        .collect()
}

/// Adds a column to a table that may have rows, which is why one of the struct may be null: the next sync fills it.
pub(crate) fn add_column(table: &str, dialect: &Dialect, column: &TableColumn) -> String {
    let name = quote(column.name, dialect.quote);
    let constraint = match column.constrains_added {
        true => &*column.constraint,
        false => "",
    };
    let sql_type = &column.sql_type;
    format!("ALTER TABLE {table} ADD COLUMN {name} {sql_type}{constraint}")
}
