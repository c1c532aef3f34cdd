//! Rows that are refused before any is sent, and those that the database would only refuse at the end of the transaction.

use crate::store::db::{Bind, Conn, Facts, TableContext, TxError};
use crate::store::rows::{KeyedRow, Written};

/// Sorts rows by id and leaves each id once; takes out what no database could take.
pub(crate) fn refuse(
    target: &TableContext<'_>,
    rows: &mut Vec<KeyedRow>,
) -> Vec<(String, Written)> {
    // By key, so that two batches take their locks in one order. The sort is stable: of equal ids the last stays last.
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    rows.dedup_by(|later, kept| {
        let twice = later.id == kept.id;
        if twice {
            std::mem::swap(later, kept);
        }
        twice
    });
    take_out(rows, |row| refusal(target, row))
}

/// Takes out the rows of which the table would change a value.
pub(crate) fn refuse_misfits(facts: &Facts, rows: &mut Vec<KeyedRow>) -> Vec<(String, Written)> {
    take_out(rows, |row| Some(facts.refusal(&row.row.cells)?.into()))
}

fn take_out(
    rows: &mut Vec<KeyedRow>,
    refusal: impl Fn(&KeyedRow) -> Option<Written>,
) -> Vec<(String, Written)> {
    let mut refused = Vec::new();
    rows.retain_mut(|row| match refusal(row) {
        Some(written) => {
            refused.push((std::mem::take(&mut row.id), written));
            false
        }
        None => true,
    });
    refused
}

/// Why a row is not sent, if it is not.
pub(crate) fn refusal(target: &TableContext<'_>, row: &KeyedRow) -> Option<Written> {
    let failed = |reason: &str| Some(Written::failed(None, reason));
    if row.id.is_empty() || row.id.contains('\0') {
        return failed("expected an id, got an empty text or one with a NUL character");
    }
    if target.model.parts.sync.is_some() && row.object.is_none() {
        return failed("the `sync` hook needs the object, and only its row came");
    }
    let cells = &row.row.cells;
    let width = target.model.written().count();
    if cells.len() != width {
        return failed(&format!("expected {width} cells, got {}", cells.len()));
    }
    let mut columns = target.model.written().zip(cells);
    columns.find_map(|(column, cell)| {
        let (expected, found) = (column.cell?, cell.cell_type()?);
        if expected == found || cell.is_array_of(expected) {
            return None;
        }
        let reason = format!("expected {expected}, got {}", cell.describe());
        Some(Written::failed(Some(column.name.to_owned()), reason))
    })
}

/// Whether an error says that a foreign key does not fit.
pub(crate) fn is_foreign_key(error: &sqlx::Error) -> bool {
    let database = error.as_database_error();
    database.is_some_and(|error| error.is_foreign_key_violation())
}

/// Returns how many rows of the database break a foreign key, on SQLite, which looks at deferred ones at the end of the
/// transaction alone.
///
/// # Errors
/// When the database fails.
pub(crate) async fn broken_keys(conn: &mut Conn<'_>) -> Result<Option<i64>, TxError> {
    if !conn.kind().dialect().locks_by_asking {
        return Ok(None);
    }
    let sql = "SELECT COUNT(*) FROM pragma_foreign_key_check";
    conn.one(sql, &[]).await
}

/// The refusal of what breaks a foreign key, with the column if it is one.
///
/// # Errors
/// When the database fails.
pub(crate) async fn of_a_key(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
) -> Result<Written, TxError> {
    let sql = "SELECT DISTINCT l.\"from\" FROM pragma_foreign_key_check(?) AS c \
               JOIN pragma_foreign_key_list(?) AS l ON l.id = c.fkid";
    let table = Bind::text(target.place.name.as_str());
    let columns: Vec<String> = conn.rows(sql, &[table.clone(), table]).await?;
    let column = columns.first().filter(|_| columns.len() == 1).cloned();
    let reason = "FOREIGN KEY constraint failed (787)";
    Ok(Written::failed(column, reason))
}
