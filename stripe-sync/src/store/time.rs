//! The moments that the store writes by itself: of a write, of a deletion.

use chrono::{DateTime, Utc};

use super::db::bind::Bind;
use super::db::dialect::DatabaseKind;
use super::target::Target;
use crate::cell::{Cell, CellType};
use crate::model::{Column, Role};

/// A moment for a column of the user's, or for a bookkeeping column.
pub(super) fn bind(
    kind: DatabaseKind,
    column: Option<&Column>,
    now: DateTime<Utc>,
) -> Bind<'static> {
    let cell_type = column
        .and_then(|column| column.cell)
        .unwrap_or(CellType::Instant);
    let cell = match cell_type {
        CellType::Integer => Cell::Integer(now.timestamp()),
        CellType::Text => Cell::text(now.to_rfc3339()),
        _ => Cell::Instant(now),
    };
    let sql_type = column.and_then(|column| column.sql_type);
    Bind::Value(cell_type, stored_form(kind, sql_type, cell))
}

/// The bind of the column with the time of the write, if there is one.
pub(super) fn synced_at(target: &Target<'_>, now: DateTime<Utc>) -> Option<Bind<'static>> {
    let column = target.model.role(Role::SyncedAt)?;
    Some(bind(target.kind, Some(column), now))
}

/// SQLite has no type for a moment: a column that is the user's own holds text, unless it is an integer.
pub(super) fn stored_form<'c>(
    kind: DatabaseKind,
    sql_type: Option<&str>,
    cell: Cell<'c>,
) -> Cell<'c> {
    #[cfg(feature = "sqlite")]
    if let (DatabaseKind::Sqlite, Some(sql_type), Cell::Instant(value)) = (kind, sql_type, &cell)
        && !sql_type.to_ascii_uppercase().contains("INT")
    {
        return Cell::text(super::sqlite::instant_text(*value));
    }
    #[cfg(not(feature = "sqlite"))]
    let _ = (kind, sql_type);
    cell
}
