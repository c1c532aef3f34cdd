//! The moments that the store writes by itself: of a write, of a deletion.

use chrono::{DateTime, NaiveTime, Utc};

use crate::cell::{Cell, CellType};
use crate::model::mapping::Row;
use crate::model::{Column, Model, Role};
use crate::store::db::{Bind, DatabaseKind, TableContext};

/// A moment for a column of the user's, or for a bookkeeping column.
pub(crate) fn bind(
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
    Bind::Value(
        kind.driver().sent_as(column, cell_type),
        stored_form(kind, column, cell),
    )
}

/// The bind of the column with the time of the write, if there is one.
pub(crate) fn synced_at(target: &TableContext<'_>, now: DateTime<Utc>) -> Option<Bind<'static>> {
    let column = target.model.role(Role::SyncedAt)?;
    Some(bind(target.kind, Some(column), now))
}

/// Makes moments days, in UTC, where the struct calls the column a `date`: that is what a database gives back.
pub(crate) fn keep_days(model: &Model, row: &mut Row) {
    for (column, cell) in model.written().zip(&mut row.cells) {
        if let (Some(sql_type), Cell::Instant(value)) = (column.sql_type, &mut *cell)
            && sql_type.trim().eq_ignore_ascii_case("date")
        {
            let past_midnight = value.time().signed_duration_since(NaiveTime::MIN);
            *value -= past_midnight;
        }
    }
}

/// The form in which a database takes a cell, where the column's type alone does not say it.
pub(crate) fn stored_form<'c>(
    kind: DatabaseKind,
    column: Option<&Column>,
    cell: Cell<'c>,
) -> Cell<'c> {
    let Cell::Instant(value) = cell else {
        return cell;
    };
    kind.driver().moment(column, value)
}
