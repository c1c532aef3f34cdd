//! The columns that a model's table must have.

use stripe_sync_schema::table::{DELETED_AT, HASH, OBSERVED_AT};

use crate::cell::CellType;
use crate::model::{Column, Model, Role};
use crate::store::db::{Driver, Fit, FoundColumn};

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
    pub(crate) constraint: String,
    /// Whether it has the constraint also where it is added to a table, which may have rows.
    pub(crate) constrains_added: bool,
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
pub(crate) fn columns(model: &Model, driver: &dyn Driver) -> Vec<TableColumn> {
    let columns = model.columns().iter().enumerate();
    let own = |(place, column)| own(driver, model, column, model.parts.declared.bounds(place));
    let mut columns: Vec<TableColumn> = columns.map(own).collect();
    if model.parts.unversioned {
        return columns;
    }
    let added = |name, cell, constraint: &str, nulls| TableColumn {
        name,
        sql_type: driver.column_type(cell).to_owned(),
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

/// A column of the struct; `bounded` says that its texts are compared as those of a key are.
fn own(driver: &dyn Driver, model: &Model, column: &Column, bounded: bool) -> TableColumn {
    let in_key = model.key().any(|one| one.name == column.name);
    let constraint = match (column.role, column.cell) {
        (Role::Local, Some(cell)) if !column.nullable && column.sql_type.is_none() => {
            format!(" NOT NULL DEFAULT {}", driver.zero(cell))
        }
        // A sync inserts rows without knowing what the application's own column should hold.
        (Role::Local | Role::DeletedAt, _) => String::new(),
        _ if column.nullable => String::new(),
        _ => " NOT NULL".to_owned(),
    };
    TableColumn {
        name: column.name,
        sql_type: sql_type(driver, column, bounded),
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

fn sql_type(driver: &dyn Driver, column: &Column, bounded: bool) -> String {
    if let Some(sql_type) = column.sql_type {
        return sql_type.to_owned();
    }
    let cell = column.cell.unwrap_or(match column.role {
        Role::SyncedAt | Role::DeletedAt => CellType::Instant,
        Role::Livemode => CellType::Boolean,
        _ => CellType::Text,
    });
    let bounded = bounded || matches!(column.role, Role::Id | Role::Account | Role::Parent);
    match cell {
        CellType::Text if bounded => driver.dialect().key_text,
        cell => driver.column_type(cell),
    }
    .to_owned()
}

/// What the column does to the struct's values. An application's own column of its own type is the application's alone.
pub(crate) fn fit(driver: &dyn Driver, column: &TableColumn, found: &FoundColumn) -> Fit {
    let own = column.own_type.then_some(&*column.sql_type);
    match column.cell {
        Some(cell) if !(column.local && column.own_type) => driver.fit(cell, own, found),
        _ => Fit::Exact,
    }
}
