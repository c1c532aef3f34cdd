//! Rows of an answer as tuples, or as the value of their only column.
pub(crate) mod state;

use chrono::{DateTime, Utc};

use crate::cell::{Cell, CellType};

/// A value of one column of an answer.
pub(crate) trait Value: Sized {
    /// The type as which the column is read.
    const TYPE: CellType;

    /// Returns the value, or `None` if the cell is NULL or of another type.
    fn take(cell: Cell<'static>) -> Option<Self>;
}

macro_rules! value {
    ($($rust:ty: $kind:ident($cell:ident) => $value:expr;)*) => {$(
        impl Value for $rust {
            const TYPE: CellType = CellType::$kind;

            fn take(cell: Cell<'static>) -> Option<Self> {
                match cell {
                    Cell::$kind($cell) => Some($value),
                    _ => None,
                }
            }
        }
    )*};
}
value! {
    String: Text(text) => text.into_owned();
    i64: Integer(value) => value;
    bool: Boolean(value) => value;
    DateTime<Utc>: Instant(value) => value;
    Vec<u8>: Bytes(bytes) => bytes.into_owned();
}

impl<T: Value> Value for Option<T> {
    const TYPE: CellType = T::TYPE;

    fn take(cell: Cell<'static>) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            cell => T::take(cell).map(Some),
        }
    }
}

/// A column of an answer that does not hold what the program reads from it.
#[derive(Debug, thiserror::Error)]
#[error("column {column} of the answer: expected {expected}, got {found}")]
pub(crate) struct RowError {
    /// The column's number, from 1.
    column: usize,
    expected: CellType,
    found: &'static str,
}

impl RowError {
    pub(crate) fn new(column: usize, expected: CellType, found: &'static str) -> Self {
        Self {
            column,
            expected,
            found,
        }
    }
}

/// A row of an answer.
pub(crate) trait Row: Sized {
    /// The types of its columns, in order.
    const TYPES: &'static [CellType];

    /// Returns the values of a row.
    ///
    /// # Errors
    /// When a column holds NULL or another type than the program reads from it.
    fn take(cells: Vec<Cell<'static>>) -> Result<Self, RowError>;
}

/// A row of one column.
impl<T: Value> Row for T {
    const TYPES: &'static [CellType] = &[T::TYPE];

    fn take(cells: Vec<Cell<'static>>) -> Result<Self, RowError> {
        next(&mut (1..).zip(cells))
    }
}

macro_rules! row {
    ($($name:ident),*) => {
        impl<$($name: Value),*> Row for ($($name,)*) {
            const TYPES: &'static [CellType] = &[$($name::TYPE),*];

            fn take(cells: Vec<Cell<'static>>) -> Result<Self, RowError> {
                let mut cells = (1..).zip(cells);
                Ok(($(next::<$name>(&mut cells)?,)*))
            }
        }
    };
}
row!(A);
row!(A, B);
row!(A, B, C);
row!(A, B, C, D);
row!(A, B, C, D, E);
row!(A, B, C, D, E, F);
row!(A, B, C, D, E, F, G);
row!(A, B, C, D, E, F, G, H);
row!(A, B, C, D, E, F, G, H, I);
row!(A, B, C, D, E, F, G, H, I, J);
row!(A, B, C, D, E, F, G, H, I, J, K);
row!(A, B, C, D, E, F, G, H, I, J, K, L);
row!(A, B, C, D, E, F, G, H, I, J, K, L, M);
row!(A, B, C, D, E, F, G, H, I, J, K, L, M, N);

/// Returns the value of the next column.
pub(crate) fn next<T: Value>(
    cells: &mut impl Iterator<Item = (usize, Cell<'static>)>,
) -> Result<T, RowError> {
    // A row has as many cells as its statement was given types.
    let (column, cell) = cells.next().unwrap_or((0, Cell::Null));
    let found = cell.describe();
    T::take(cell).ok_or(RowError::new(column, T::TYPE, found))
}

#[cfg(test)]
mod tests {
    use super::Row;
    use crate::cell::{Cell, CellType};

    #[test]
    fn a_row_is_read_as_a_tuple() {
        type Read = (String, Option<i64>, bool);
        assert_eq!(
            Read::TYPES,
            [CellType::Text, CellType::Integer, CellType::Boolean]
        );
        let cells = |last| vec![Cell::text("a"), Cell::Null, last];
        let read = Read::take(cells(Cell::Boolean(true))).unwrap();
        assert_eq!(read, ("a".to_owned(), None, true));
        let error = Read::take(cells(Cell::Null)).unwrap_err().to_string();
        assert_eq!(error, "column 3 of the answer: expected boolean, got NULL");
        let error = Read::take(cells(Cell::Integer(1))).unwrap_err().to_string();
        assert_eq!(
            error,
            "column 3 of the answer: expected boolean, got integer"
        );
    }
}
