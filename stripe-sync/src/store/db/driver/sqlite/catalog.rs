//! Column types of SQLite, and what a real table looks like.

use crate::cell::CellType;

/// The column type of a cell type.
pub(crate) fn column_type(cell: CellType) -> &'static str {
    match cell {
        CellType::Text | CellType::Decimal | CellType::Json => "TEXT",
        CellType::Integer => "INTEGER",
        // SQLite has no such type, and keeps the text as it is; sqlx reads it as a moment.
        CellType::Instant => "DATETIME",
        CellType::Float => "REAL",
        CellType::Boolean => "BOOLEAN",
        CellType::Bytes => "BLOB",
    }
}

/// The DEFAULT of a local column that is not null.
pub(crate) fn zero(cell: CellType) -> &'static str {
    match cell {
        CellType::Text => "''",
        CellType::Decimal => "'0'",
        CellType::Json => "'null'",
        CellType::Integer | CellType::Float | CellType::Boolean => "0",
        CellType::Instant => "'1970-01-01T00:00:00+00:00'",
        CellType::Bytes => "x''",
    }
}

/// A type has no length in its base, `ANY` keeps values as they are in strict tables only, and an integer key is the row's own number, so it needs no default. See
/// [`Dialect::columns`](crate::store::db::dialect::Dialect).
pub(crate) const COLUMNS: &str = "SELECT name, type, CASE WHEN lower(type) = 'any' \
     AND NOT EXISTS (SELECT 1 FROM pragma_table_list WHERE name = ?2 COLLATE NOCASE AND strict) THEN 'numeric' \
     ELSE lower(trim(substr(type, 1, instr(type || '(', '(') - 1))) END, \
     \"notnull\" = 0, dflt_value IS NOT NULL OR hidden <> 0 OR (pk > 0 AND lower(type) = 'integer'), \
     NULL, NULL, NULL, NULL, NULL \
     FROM pragma_table_xinfo(?2, ?1)";

/// The primary key, which may have no index of its own, and unique indexes. See
/// [`Dialect::unique_keys`](crate::store::db::dialect::Dialect).
pub(crate) const UNIQUE_KEYS: &str = "SELECT '', name, pk FROM pragma_table_info(?2, ?1) WHERE pk > 0 \
     UNION ALL SELECT i.name, COALESCE(c.name, ''), c.seqno FROM pragma_index_list(?2, ?1) AS i, \
     pragma_index_info(i.name, ?1) AS c WHERE i.\"unique\" = 1 AND i.partial = 0 ORDER BY 1, 3";
