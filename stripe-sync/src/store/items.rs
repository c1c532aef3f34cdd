//! The rows of a batch, before any of them is sent.

use super::batch::{KeyedRow, WriteReport, Written};
use super::target::Target;
use crate::mapping::Row;
use crate::object::StripeObject;

/// A row that may be sent to the database.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) row: Row,
    pub(super) object: Option<StripeObject>,
    /// See [`KeyedRow::hash`].
    pub(super) hash: i64,
}

/// The rows by id, each once. What no database could take is refused here.
pub(super) fn items(
    target: &Target<'_>,
    rows: Vec<KeyedRow>,
    report: &mut WriteReport,
) -> Vec<Item> {
    let mut rows = rows;
    // By key, so that two batches take their locks in one order. The sort is stable: of equal ids the last stays last.
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    rows.dedup_by(|later, kept| {
        let twice = later.id == kept.id;
        if twice {
            std::mem::swap(later, kept);
        }
        twice
    });
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        match refusal(target, &row) {
            Some(written) => report.rows.push((row.id, written)),
            None => items.push(Item {
                hash: row.hash,
                id: row.id,
                row: row.row,
                object: row.object,
            }),
        }
    }
    items
}

/// Why a row is not sent, if it is not.
fn refusal(target: &Target<'_>, row: &KeyedRow) -> Option<Written> {
    if row.id.is_empty() || row.id.contains('\0') {
        let reason = "expected an id, came an empty text or one with a NUL character";
        return Some(Written::failed(None, reason));
    }
    if target.model.parts.sync.is_some() && row.object.is_none() {
        let reason = "the `sync` hook needs the object, and only its row came";
        return Some(Written::failed(None, reason));
    }
    let cells = &row.row.cells;
    let width = target.model.written().count();
    if cells.len() != width {
        let reason = format!("expected {width} cells, came {}", cells.len());
        return Some(Written::failed(None, reason));
    }
    let (column, expected, cell) =
        target
            .model
            .written()
            .zip(cells)
            .find_map(|(column, cell)| {
                let (expected, found) = (column.cell?, cell.cell_type()?);
                (expected != found).then_some((column, expected, cell))
            })?;
    let reason = format!("expected {expected}, came {}", cell.describe());
    Some(Written::failed(Some(column.name.to_owned()), reason))
}
