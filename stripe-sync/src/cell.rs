//! The closed set of values that a column can hold.
//!
//! A mapped object is a row of [`Cell`]s. Only the runtime turns a cell into a bind value, once for each
//! database, so a column's Rust type never meets a driver.

pub(crate) mod values;

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

pub use values::Values;

/// The type of a column's cells, as the databases see it.
///
/// | cell | SQLite | PostgreSQL | MySQL/MariaDB |
/// |---|---|---|---|
/// | `Text` | `TEXT` | `text` | `LONGTEXT`, the key `VARCHAR(255)` with a binary collation |
/// | `Integer` | `INTEGER` | `bigint` | `BIGINT` |
/// | `Float` | `REAL` | `double precision` | `DOUBLE` |
/// | `Boolean` | `BOOLEAN` | `boolean` | `BOOLEAN` |
/// | `Instant` | `DATETIME`, a text as sqlx writes it | `timestamptz` | `DATETIME(6)`, UTC |
/// | `Decimal` | `TEXT` | `numeric` | `DECIMAL(57,28)` |
/// | `Json` | `TEXT` | `jsonb` | `JSON` |
/// | `Bytes` | `BLOB` | `bytea` | `LONGBLOB` |
/// | `Array` | `TEXT`, JSON | `text[]`, `bigint[]`, `double precision[]`, `boolean[]` | `JSON` |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CellType {
    /// UTF-8 text.
    Text,
    /// A signed 64-bit integer.
    Integer,
    /// A 64-bit float.
    Float,
    /// True or false.
    Boolean,
    /// A moment in UTC, to the microsecond.
    Instant,
    /// An exact decimal number of at most 28 digits.
    Decimal,
    /// A JSON document as text.
    Json,
    /// Raw bytes.
    Bytes,
    /// An array of values of one type, which a cell holds as JSON.
    Array(Element),
}

/// The type of the elements of an array's column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Element {
    /// UTF-8 text.
    Text,
    /// A signed 64-bit integer.
    Integer,
    /// A 64-bit float.
    Float,
    /// True or false.
    Boolean,
}

impl CellType {
    /// The name used in messages, for example `text`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Boolean => "boolean",
            Self::Instant => "instant",
            Self::Decimal => "decimal",
            Self::Json => "json",
            Self::Bytes => "bytes",
            Self::Array(Element::Text) => "array of text",
            Self::Array(Element::Integer) => "array of integers",
            Self::Array(Element::Float) => "array of floats",
            Self::Array(Element::Boolean) => "array of booleans",
        }
    }
}

impl Cell<'_> {
    /// About how many bytes the value has on its way to a database.
    pub(crate) fn bytes(&self) -> usize {
        /// Those of a number, a moment or nothing.
        const FEW: usize = 32;
        match self {
            Self::Text(text) | Self::Json(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            _ => FEW,
        }
    }
}

impl fmt::Display for CellType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One value of one column, or its absence.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Cell<'a> {
    /// SQL `NULL`, of any type.
    Null,
    /// UTF-8 text.
    Text(Cow<'a, str>),
    /// A signed 64-bit integer.
    Integer(i64),
    /// A 64-bit float.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// A moment in UTC; databases keep it to the microsecond.
    Instant(DateTime<Utc>),
    /// An exact decimal number.
    Decimal(Decimal),
    /// A JSON document as text, not checked again.
    Json(Cow<'a, str>),
    /// Raw bytes.
    Bytes(Cow<'a, [u8]>),
}

impl<'a> Cell<'a> {
    /// Owned text.
    pub fn text(value: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(value.into())
    }

    /// The type of the value, or `None` for `NULL`.
    pub const fn cell_type(&self) -> Option<CellType> {
        Some(match self {
            Self::Null => return None,
            Self::Text(_) => CellType::Text,
            Self::Integer(_) => CellType::Integer,
            Self::Float(_) => CellType::Float,
            Self::Boolean(_) => CellType::Boolean,
            Self::Instant(_) => CellType::Instant,
            Self::Decimal(_) => CellType::Decimal,
            Self::Json(_) => CellType::Json,
            Self::Bytes(_) => CellType::Bytes,
        })
    }

    /// Whether it is the JSON of an array whose elements are what a column of arrays has.
    pub(crate) fn is_array_of(&self, kind: CellType) -> bool {
        fn reads<T: serde::de::DeserializeOwned>(json: &str) -> bool {
            serde_json::from_str::<Vec<T>>(json).is_ok()
        }
        match (self, kind) {
            (Self::Json(json), CellType::Array(element)) => match element {
                Element::Text => reads::<String>(json),
                Element::Integer => reads::<i64>(json),
                Element::Float => reads::<f64>(json),
                Element::Boolean => reads::<bool>(json),
            },
            _ => false,
        }
    }

    /// The same value without a copy of it.
    #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
    pub(crate) fn borrowed(&self) -> Cell<'_> {
        match self {
            Self::Null => Cell::Null,
            Self::Text(value) => Cell::Text(Cow::Borrowed(value)),
            Self::Integer(value) => Cell::Integer(*value),
            Self::Float(value) => Cell::Float(*value),
            Self::Boolean(value) => Cell::Boolean(*value),
            Self::Instant(value) => Cell::Instant(*value),
            Self::Decimal(value) => Cell::Decimal(*value),
            Self::Json(value) => Cell::Json(Cow::Borrowed(value)),
            Self::Bytes(value) => Cell::Bytes(Cow::Borrowed(value)),
        }
    }

    /// The text of a text.
    #[cfg(feature = "postgres")]
    pub(crate) fn into_text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.into_owned()),
            _ => None,
        }
    }

    /// Whether the cell is `NULL`.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// What an error message may say of the cell: its type, never its value.
    pub(crate) const fn describe(&self) -> &'static str {
        match self.cell_type() {
            Some(kind) => kind.name(),
            None => "NULL",
        }
    }
}
