//! How values are sent whose column is of a type of the user's own.

use chrono::{DateTime, Utc};

use crate::cell::{Cell, CellType};
use crate::model::Column;

/// What the user's own type asks of the form in which a value is sent.
enum Own {
    /// Nothing.
    AsIs,
    /// A moment's UTC reading, as a text: PostgreSQL would take that of the session's time zone.
    Timestamp,
    /// The UTC day.
    Date,
    /// A text of a day, as it is sent; PostgreSQL would write it as the session wants it.
    Day,
    /// JSON as a text, because `jsonb`, as which it is sent otherwise, refuses some that these types keep.
    KeepsJson,
}

fn own(column: Option<&Column>) -> Own {
    let Some((cell, sql_type)) = column.and_then(|column| Some((column.cell?, column.sql_type?)))
    else {
        return Own::AsIs;
    };
    match (
        cell,
        &*crate::store::db::driver::postgres::fit::canonical(sql_type),
    ) {
        (CellType::Instant, "timestamp without time zone") => Own::Timestamp,
        (CellType::Instant, "date") => Own::Date,
        (CellType::Text, "date") => Own::Day,
        (CellType::Json, "json" | "text" | "character varying" | "character") => Own::KeepsJson,
        _ => Own::AsIs,
    }
}

/// See [`sent_as`](crate::store::rows::time::sent_as).
pub(crate) fn sent_as(column: Option<&Column>, cell: CellType) -> CellType {
    match own(column) {
        Own::AsIs | Own::Day => cell,
        Own::Timestamp | Own::Date | Own::KeepsJson => CellType::Text,
    }
}

/// See [`stored_form`](crate::store::rows::time::stored_form).
pub(crate) fn moment(column: Option<&Column>, value: DateTime<Utc>) -> Cell<'static> {
    match own(column) {
        Own::Timestamp => Cell::text(value.format("%Y-%m-%d %H:%M:%S%.6f").to_string()),
        Own::Date => Cell::text(value.format("%Y-%m-%d").to_string()),
        Own::AsIs | Own::Day | Own::KeepsJson => Cell::Instant(value),
    }
}

/// How a column of a moment or a day is read, if not as it is: its name in quotes stands in it.
pub(crate) fn read_moment(column: &Column, quoted: &str) -> Option<String> {
    match own(Some(column)) {
        Own::Timestamp | Own::Date => {
            Some(format!("CAST({quoted} AS timestamp) AT TIME ZONE 'UTC'"))
        }
        Own::Day => Some(format!("to_char({quoted}, 'YYYY-MM-DD')")),
        Own::AsIs | Own::KeepsJson => None,
    }
}
