//! A column of a real table, as its catalog describes it.

#[cfg_attr(
    not(all(feature = "postgres", feature = "mysql")),
    allow(dead_code, reason = "each database needs other limits")
)]
pub(crate) mod fit;
pub(crate) mod wanted;

use crate::cell::{Cell, CellType};
use crate::model::Column;
use crate::store::db::row::{Row, RowError, next};

/// A number that is at least so large counts microseconds, and not seconds: seconds do for the next three thousand years,
/// and microseconds since the second day of 1970.
pub(crate) const MICROSECONDS_FROM: i64 = 100_000_000_000;

/// The type of a column's cells; one whose type only the user knows is text.
pub(crate) fn cell_type(column: &Column) -> CellType {
    column.cell.unwrap_or(CellType::Text)
}

/// A column of a real table.
#[derive(Debug, Default)]
#[cfg_attr(
    not(all(feature = "postgres", feature = "mysql")),
    allow(dead_code, reason = "SQLite's columns have no lengths")
)]
pub(crate) struct FoundColumn {
    pub(crate) name: String,
    /// The type as the database writes it.
    pub(crate) sql_type: String,
    /// The type in lower case, without length or precision, below any domain.
    pub(crate) base: String,
    pub(crate) nullable: bool,
    /// Whether an INSERT may leave it out although it is not null.
    pub(crate) has_default: bool,
    /// The digits of a decimal, if they are limited.
    pub(crate) digits: Option<i64>,
    /// The places of a decimal, or behind a moment's second, if they are limited.
    pub(crate) places: Option<i64>,
    /// The characters that a text may have, or the bytes where the type counts those, if they are limited.
    pub(crate) length: Option<i64>,
    /// How texts are compared, where it matters.
    pub(crate) collation: Option<String>,
    /// The words of an enum, each in quotes.
    pub(crate) words: Option<String>,
    /// Whether the database computes the values, so that none can be written.
    pub(crate) generated: bool,
    /// Whether a moment's column holds numbers as an earlier version wrote them.
    pub(crate) old_numbers: bool,
}

/// See [`Dialect::columns`](crate::store::db::dialect::Dialect).
impl Row for FoundColumn {
    const TYPES: &'static [CellType] = {
        use CellType::{Boolean, Integer, Text};
        &[
            Text, Text, Text, Boolean, Boolean, Integer, Integer, Integer, Text, Text, Boolean,
        ]
    };

    fn take(cells: Vec<Cell<'static>>) -> Result<Self, RowError> {
        let cells = &mut (1..).zip(cells);
        Ok(Self {
            name: next(cells)?,
            sql_type: next(cells)?,
            base: next(cells)?,
            nullable: next(cells)?,
            has_default: next(cells)?,
            digits: next(cells)?,
            places: next(cells)?,
            length: next(cells)?,
            collation: next(cells)?,
            words: next(cells)?,
            generated: next(cells)?,
            old_numbers: false,
        })
    }
}
