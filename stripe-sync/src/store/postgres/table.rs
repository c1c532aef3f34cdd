//! Column types of PostgreSQL, and what a real table looks like.

use crate::cell::CellType;

/// The column type of a cell type.
pub(super) fn column_type(cell: CellType) -> &'static str {
    match cell {
        CellType::Text => "text",
        CellType::Integer => "bigint",
        CellType::Float => "double precision",
        CellType::Boolean => "boolean",
        CellType::Instant => "timestamptz",
        CellType::Decimal => "numeric",
        CellType::Json => "jsonb",
        CellType::Bytes => "bytea",
    }
}

/// The type to which a column is cast when it is read, so that every width of integer reads as one.
pub(super) fn read_as(cell: CellType) -> Option<&'static str> {
    Some(match cell {
        // A text is all that is needed of JSON.
        CellType::Text | CellType::Json => "text",
        other => column_type(other),
    })
}

/// The DEFAULT of a local column that is not null.
pub(super) fn zero(cell: CellType) -> &'static str {
    match cell {
        CellType::Text | CellType::Bytes => "''",
        CellType::Json => "'null'",
        CellType::Integer | CellType::Float | CellType::Decimal => "0",
        CellType::Boolean => "false",
        CellType::Instant => "'epoch'",
    }
}

/// Whether a column of this type holds the cell type.
pub(super) fn accepts(cell: CellType, base: &str) -> bool {
    match cell {
        CellType::Text => matches!(
            base,
            "text" | "character varying" | "character" | "citext" | "name"
        ),
        CellType::Integer => matches!(base, "bigint" | "integer" | "smallint" | "numeric"),
        CellType::Float => matches!(base, "double precision" | "real" | "numeric"),
        CellType::Boolean => base == "boolean",
        // A timestamp without zone would depend on the session's.
        CellType::Instant => base == "timestamp with time zone",
        CellType::Decimal => base == "numeric",
        CellType::Json => matches!(base, "jsonb" | "json"),
        CellType::Bytes => base == "bytea",
    }
}

/// See [`Dialect::columns`](crate::store::db::dialect::Dialect).
pub(super) const COLUMNS: &str = "SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), \
     format_type(COALESCE(NULLIF(t.typbasetype, 0), a.atttypid), NULL), \
     NOT (a.attnotnull OR t.typnotnull), a.atthasdef OR a.attidentity <> '', \
     CASE WHEN a.atttypid = 'numeric'::regtype AND a.atttypmod >= 4 \
     THEN ((a.atttypmod - 4) & 65535)::bigint END, NULL::bigint, NULL::text \
     FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid \
     WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

/// Those that `ON CONFLICT` can use. See [`Dialect::unique_keys`](crate::store::db::dialect::Dialect).
pub(super) const UNIQUE_KEYS: &str = "SELECT i.indexrelid::text, COALESCE(a.attname::text, '') FROM pg_index i \
     CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place) \
     LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number \
     WHERE i.indrelid = to_regclass(?) AND i.indisunique AND i.indimmediate AND i.indisvalid \
     AND i.indpred IS NULL AND k.place <= i.indnkeyatts ORDER BY i.indexrelid, k.place";
