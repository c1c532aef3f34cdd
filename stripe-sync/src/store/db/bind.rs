//! Parameters of a statement.

use crate::cell::{Cell, CellType};

/// One parameter of a statement. A type stands beside each value, because a null has none of its own.
#[derive(Debug, Clone)]
#[cfg_attr(
    not(feature = "postgres"),
    allow(dead_code, reason = "only PostgreSQL has arrays, and nulls with types")
)]
pub(crate) enum Bind<'a> {
    /// One value.
    Value(CellType, Cell<'a>),
    /// A null of the type that the statement wants there.
    Null,
    /// The values of one column, as an array.
    Column(CellType, Vec<&'a Cell<'a>>),
    /// Values of one column that are sent as the texts of another type, as an array.
    Literals(Vec<Option<String>>),
    /// Numbers as an array.
    Integers(Vec<i64>),
    /// Texts as an array.
    Texts(Vec<&'a str>),
}

impl<'a> Bind<'a> {
    pub(crate) fn text(value: &'a str) -> Self {
        Self::Value(CellType::Text, Cell::text(value))
    }

    pub(crate) fn text_or_null(value: Option<&'a str>) -> Self {
        Self::Value(CellType::Text, value.map_or(Cell::Null, Cell::text))
    }

    pub(crate) fn integer(value: i64) -> Self {
        Self::Value(CellType::Integer, Cell::Integer(value))
    }

    pub(crate) fn integer_or_null(value: Option<i64>) -> Self {
        Self::Value(CellType::Integer, value.map_or(Cell::Null, Cell::Integer))
    }

    pub(crate) fn boolean(value: bool) -> Self {
        Self::Value(CellType::Boolean, Cell::Boolean(value))
    }
}
