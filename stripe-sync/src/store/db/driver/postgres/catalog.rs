//! What a real table looks like.

use crate::cell::CellType;
use crate::store::db::Driver as _;
use crate::store::db::driver::postgres::Postgres;

/// A column of a domain is one of the domain's own type; what limits it stands in the innermost domain that has a limit.
/// See [`Dialect::columns`](crate::store::db::dialect::Dialect).
pub(crate) const COLUMNS: &str = "WITH RECURSIVE c AS ( \
     SELECT a.attnum, a.attname, a.attcollation AS found_in, format_type(a.atttypid, a.atttypmod) AS written, \
     a.atttypid AS id, a.atttypmod AS mod, a.attnotnull AS filled, a.atthasdef OR a.attidentity <> '' AS given \
     FROM pg_attribute a WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped \
     UNION ALL SELECT c.attnum, c.attname, c.found_in, c.written, t.typbasetype, t.typtypmod, \
     c.filled OR t.typnotnull, c.given OR t.typdefault IS NOT NULL \
     FROM c JOIN pg_type t ON t.oid = c.id WHERE t.typtype = 'd'), \
     d AS (SELECT c.*, CASE WHEN t.typtype = 'e' THEN 'enum' ELSE format_type(c.id, NULL) END AS base \
     FROM c JOIN pg_type t ON t.oid = c.id WHERE t.typtype <> 'd') \
     SELECT attname::text, written, base, NOT filled, given, \
     CASE WHEN base = 'numeric' AND mod >= 4 THEN (((mod - 4) >> 16) & 65535)::bigint END, \
     CASE WHEN base = 'numeric' AND mod >= 4 THEN ((((mod - 4) & 2047) # 1024) - 1024)::bigint \
     WHEN base LIKE 'timestamp%' AND mod >= 0 THEN mod::bigint END, \
     CASE WHEN base IN ('character varying', 'character') AND mod >= 4 THEN (mod - 4)::bigint \
     WHEN base LIKE 'bit%' AND mod > 0 THEN mod::bigint END, \
     (SELECT collname::text FROM pg_collation WHERE oid = found_in AND NOT collisdeterministic), \
     (SELECT string_agg('''' || replace(enumlabel, '''', '''''') || '''', ',') FROM pg_enum WHERE enumtypid = id) \
     FROM d ORDER BY attnum";

/// Those that `ON CONFLICT` can use. See [`Dialect::unique_keys`](crate::store::db::dialect::Dialect).
pub(crate) const UNIQUE_KEYS: &str = "SELECT i.indexrelid::text, COALESCE(a.attname::text, '') FROM pg_index i \
     CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place) \
     LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number \
     WHERE i.indrelid = to_regclass(?) AND i.indisunique AND i.indimmediate AND i.indisvalid \
     AND i.indpred IS NULL AND k.place <= i.indnkeyatts ORDER BY i.indexrelid, k.place";

/// Asks of a table, by its quoted name, whether COPY could write to it, as far as its columns do not matter, and whether
/// it is partitioned. COPY knows no rules and no row security.
pub(crate) const COPIES: &str = "SELECT relkind IN ('r', 'p') AND NOT relhasrules AND NOT relrowsecurity, relkind = 'p' \
     FROM pg_class WHERE oid = to_regclass(?)";

/// Whether the binary form of a cell is that of the type.
pub(crate) fn is_sent_as(cell: CellType, base: &str) -> bool {
    match cell {
        CellType::Text => matches!(base, "text" | "character varying"),
        // The one name that PostgreSQL writes in another way than it is usually written.
        CellType::Instant => base == "timestamp with time zone",
        other => base == Postgres.column_type(other),
    }
}
