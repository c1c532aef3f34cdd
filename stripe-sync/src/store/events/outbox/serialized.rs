//! A change of a row as JSON, so that it can be delivered after the process that made it is gone.

use std::borrow::Cow;
use std::str::FromStr as _;

use chrono::DateTime;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::cell::Cell;
use crate::model::hooks::ChangedCells;

/// A change of a row.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptChange<'c> {
    #[serde(borrow)]
    before: Option<Vec<StoredCell<'c>>>,
    #[serde(borrow)]
    after: Option<Vec<StoredCell<'c>>>,
    /// Whether the row left the filter, and was not deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    left: bool,
}

/// A cell. Numbers that JSON would round are stored as text or as their bits.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredCell<'c> {
    Null,
    Text(#[serde(borrow)] Cow<'c, str>),
    Integer(i64),
    /// The bits of the float.
    Float(u64),
    Boolean(bool),
    /// Seconds since 1970, and nanoseconds.
    Instant(i64, u32),
    Decimal(String),
    Json(#[serde(borrow)] Cow<'c, str>),
    Bytes(Cow<'c, [u8]>),
}

impl<'c> KeptChange<'c> {
    pub(crate) fn new(change: &'c ChangedCells) -> Self {
        let (before, after) = match change {
            ChangedCells::Inserted(after) => (None, Some(after)),
            ChangedCells::Updated(before, after) => (Some(before), Some(after)),
            ChangedCells::Deleted(before) | ChangedCells::LeftFilter(before) => {
                (Some(before), None)
            }
        };
        let stored = |cells: &'c Vec<Cell<'static>>| cells.iter().map(stored).collect();
        Self {
            before: before.map(stored),
            after: after.map(stored),
            left: matches!(change, ChangedCells::LeftFilter(_)),
        }
    }

    pub(crate) fn to_json(&self) -> String {
        // A map with text keys and numbers cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The change that was written; `None` if the text is none.
    pub(crate) fn read(json: &'c str) -> Option<ChangedCells> {
        let stored: Self = serde_json::from_str(json).ok()?;
        let cells =
            |stored: Vec<StoredCell<'_>>| stored.into_iter().map(cell).collect::<Option<Vec<_>>>();
        match (stored.before, stored.after) {
            (None, Some(after)) => Some(ChangedCells::Inserted(cells(after)?)),
            (Some(before), Some(after)) => {
                Some(ChangedCells::Updated(cells(before)?, cells(after)?))
            }
            (Some(before), None) if stored.left => Some(ChangedCells::LeftFilter(cells(before)?)),
            (Some(before), None) => Some(ChangedCells::Deleted(cells(before)?)),
            (None, None) => None,
        }
    }
}

fn stored<'c>(cell: &'c Cell<'static>) -> StoredCell<'c> {
    match cell {
        Cell::Null => StoredCell::Null,
        Cell::Text(text) => StoredCell::Text(Cow::Borrowed(text)),
        Cell::Integer(value) => StoredCell::Integer(*value),
        Cell::Float(value) => StoredCell::Float(value.to_bits()),
        Cell::Boolean(value) => StoredCell::Boolean(*value),
        Cell::Instant(value) => {
            StoredCell::Instant(value.timestamp(), value.timestamp_subsec_nanos())
        }
        Cell::Decimal(value) => StoredCell::Decimal(value.to_string()),
        Cell::Json(text) => StoredCell::Json(Cow::Borrowed(text)),
        Cell::Bytes(bytes) => StoredCell::Bytes(Cow::Borrowed(bytes)),
    }
}

fn cell(stored: StoredCell<'_>) -> Option<Cell<'static>> {
    Some(match stored {
        StoredCell::Null => Cell::Null,
        StoredCell::Text(text) => Cell::Text(Cow::Owned(text.into_owned())),
        StoredCell::Integer(value) => Cell::Integer(value),
        StoredCell::Float(bits) => Cell::Float(f64::from_bits(bits)),
        StoredCell::Boolean(value) => Cell::Boolean(value),
        StoredCell::Instant(seconds, nanos) => {
            Cell::Instant(DateTime::from_timestamp(seconds, nanos)?)
        }
        StoredCell::Decimal(text) => Cell::Decimal(Decimal::from_str(&text).ok()?),
        StoredCell::Json(text) => Cell::Json(Cow::Owned(text.into_owned())),
        StoredCell::Bytes(bytes) => Cell::Bytes(Cow::Owned(bytes.into_owned())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_comes_back() {
        let cells = || {
            vec![
                Cell::Null,
                Cell::text("a \" ü \\"),
                Cell::Integer(i64::MIN),
                Cell::Float(0.1 + 0.2),
                Cell::Float(f64::NEG_INFINITY),
                Cell::Boolean(true),
                Cell::Instant(DateTime::from_timestamp(1_700_000_000, 123_456_000).unwrap()),
                Cell::Decimal(Decimal::from_str("1.500000000001").unwrap()),
                Cell::Json(Cow::Borrowed(r#"{"a":[1,"\u00e9"]}"#)),
                Cell::Bytes(Cow::Borrowed(&[0, 255, 7])),
            ]
        };
        for change in [
            ChangedCells::Inserted(cells()),
            ChangedCells::Updated(cells(), vec![Cell::Null]),
            ChangedCells::Deleted(cells()),
            ChangedCells::LeftFilter(cells()),
        ] {
            let kept = KeptChange::new(&change).to_json();
            let read = KeptChange::read(&kept).unwrap();
            assert_eq!(format!("{read:?}"), format!("{change:?}"), "{kept}");
        }
        assert!(KeptChange::read("{}").is_none());
        assert!(KeptChange::read("").is_none());
    }
}
