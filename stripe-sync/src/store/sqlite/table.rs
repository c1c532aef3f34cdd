//! Column types of SQLite, and what a real table looks like.

use crate::cell::CellType;

/// The column type of a cell type.
pub(super) fn column_type(cell: CellType) -> &'static str {
    match cell {
        CellType::Text | CellType::Decimal | CellType::Json => "TEXT",
        CellType::Integer | CellType::Instant => "INTEGER",
        CellType::Float => "REAL",
        CellType::Boolean => "BOOLEAN",
        CellType::Bytes => "BLOB",
    }
}

/// The DEFAULT of a local column that is not null.
pub(super) fn zero(cell: CellType) -> &'static str {
    match cell {
        CellType::Text => "''",
        CellType::Decimal => "'0'",
        CellType::Json => "'null'",
        CellType::Integer | CellType::Instant | CellType::Float | CellType::Boolean => "0",
        CellType::Bytes => "x''",
    }
}

/// What SQLite does to values of a declared type; see "Type Affinity" in its documentation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Affinity {
    Integer,
    Text,
    None,
    Real,
    Numeric,
}

fn affinity(declared: &str) -> Affinity {
    let has = |part: &str| declared.contains(part);
    if has("int") {
        Affinity::Integer
    } else if has("char") || has("clob") || has("text") {
        Affinity::Text
    } else if declared.is_empty() || has("blob") || declared == "any" {
        Affinity::None
    } else if has("real") || has("floa") || has("doub") {
        Affinity::Real
    } else {
        Affinity::Numeric
    }
}

/// Whether a declared type keeps the values of a cell type as they are: a numeric column makes `007` a 7, and rounds a
/// decimal.
pub(super) fn accepts(cell: CellType, declared: &str) -> bool {
    use Affinity::{Integer, None, Numeric, Real, Text};
    let affinity = affinity(declared);
    match cell {
        CellType::Text | CellType::Decimal => matches!(affinity, Text | None),
        CellType::Json => matches!(affinity, Text | None) || declared.contains("json"),
        CellType::Integer => matches!(affinity, Integer | Numeric | None),
        CellType::Boolean => matches!(affinity, Integer | Numeric | None),
        // Other declared types are read by others as text.
        CellType::Instant => matches!(affinity, Integer | None),
        CellType::Float => matches!(affinity, Real | Numeric | None),
        CellType::Bytes => affinity == None,
    }
}

/// A type has no length in its base, and an integer key is the row's own number, so it needs no default. See
/// [`Dialect::columns`](crate::store::db::dialect::Dialect).
pub(super) const COLUMNS: &str = "SELECT name, type, lower(trim(substr(type, 1, instr(type || '(', '(') - 1))), \
     \"notnull\" = 0, dflt_value IS NOT NULL OR hidden <> 0 OR (pk > 0 AND lower(type) = 'integer'), NULL, NULL, NULL \
     FROM pragma_table_xinfo(?2, ?1)";

/// The primary key, which may have no index of its own, and unique indexes. See
/// [`Dialect::unique_keys`](crate::store::db::dialect::Dialect).
pub(super) const UNIQUE_KEYS: &str = "SELECT '', name, pk FROM pragma_table_info(?2, ?1) WHERE pk > 0 \
     UNION ALL SELECT i.name, COALESCE(c.name, ''), c.seqno FROM pragma_index_list(?2, ?1) AS i, \
     pragma_index_info(i.name, ?1) AS c WHERE i.\"unique\" = 1 AND i.partial = 0 ORDER BY 1, 3";
