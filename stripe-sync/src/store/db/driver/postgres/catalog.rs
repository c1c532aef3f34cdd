//! What a real table looks like.

use crate::cell::CellType;
use crate::store::db::Driver as _;
use crate::store::db::driver::postgres::Postgres;

/// A column of a domain is one of the domain's own type; what limits it stands in the innermost domain that has a limit.
/// See [`Dialect::columns`](crate::store::db::dialect::Dialect).
pub(crate) const COLUMNS: &str = "WITH RECURSIVE c AS ( \
     SELECT a.attnum, a.attname, a.attcollation AS found_in, format_type(a.atttypid, a.atttypmod) AS written, \
     a.atttypid AS id, a.atttypmod AS mod, a.attnotnull AS filled, a.atthasdef OR a.attidentity <> '' AS given, \
     a.attgenerated <> '' OR a.attidentity = 'a' AS computed FROM pg_attribute a WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped \
     UNION ALL SELECT c.attnum, c.attname, c.found_in, c.written, t.typbasetype, t.typtypmod, \
     c.filled OR t.typnotnull, c.given OR t.typdefault IS NOT NULL, c.computed \
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
     (SELECT string_agg('''' || replace(enumlabel, '''', '''''') || '''', ',') FROM pg_enum WHERE enumtypid = id), computed \
     FROM d ORDER BY attnum";

/// See [`Dialect::obstacles`](crate::store::db::dialect::Dialect).
pub(crate) const OBSTACLES: &str = "WITH t AS (SELECT c.* FROM pg_class c WHERE c.oid = to_regclass(?)) \
     SELECT '', 'all', CASE WHEN relkind = 'v' THEN 'it is a view: change its definition, or give the model a table' \
     WHEN relkind = 'm' THEN 'it is a materialized view, which only its query fills: give the model a table' \
     WHEN relkind = 'f' THEN 'it is a foreign table: change the table that it shows, and then this one' \
     WHEN relispartition THEN 'it is a partition: change the table that it is a part of' \
     WHEN reloftype <> 0 THEN 'it is a table of a type: change the type' \
     ELSE 'it is no table: give the model another name' END FROM t \
     WHERE relkind NOT IN ('r', 'p') OR relispartition OR reloftype <> 0 \
     UNION ALL SELECT a.attname::text, 'type', 'a view, rule, policy, trigger or generated column uses the column: drop that, \
     change the column, and make it again' FROM t JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid \
     JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid \
     LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid \
     WHERE d.classid IN ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_trigger'::regclass) OR f.adnum <> a.attnum \
     UNION ALL SELECT a.attname::text, 'type', 'a foreign key uses the column: drop it, change the column, and add it again' \
     FROM t JOIN pg_attribute a ON a.attrelid = t.oid JOIN pg_constraint k ON k.contype = 'f' \
     AND (k.conrelid = t.oid AND a.attnum = ANY (k.conkey) OR k.confrelid = t.oid AND a.attnum = ANY (k.confkey)) \
     UNION ALL SELECT a.attname::text, p.prevents, 'the column is inherited: change the table that it comes from' \
     FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attinhcount > 0, (VALUES ('type'), ('null')) p (prevents) \
     UNION ALL SELECT a.attname::text, p.prevents, 'the table is partitioned by the column ' || quote_ident(a.attname) || \
     ': make a new table, copy the rows, and rename it' FROM t JOIN pg_partitioned_table r ON r.partrelid = t.oid \
     JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (r.partattrs::int2[]), \
     (VALUES ('type'), ('key')) p (prevents) \
     UNION ALL SELECT '', 'key', 'the table is partitioned by an expression, which no unique key has: make a new table, copy \
     the rows, and rename it' FROM t JOIN pg_partitioned_table r ON r.partrelid = t.oid AND 0 = ANY (r.partattrs::int2[]) \
     UNION ALL SELECT a.attname::text, 'null', 'the column is in the primary key: make that one of the model''s key' \
     FROM t JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary \
     JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (i.indkey::int2[])";

/// Those that `ON CONFLICT` can use. See [`Dialect::unique_keys`](crate::store::db::dialect::Dialect).
pub(crate) const UNIQUE_KEYS: &str = "SELECT i.indexrelid::text, COALESCE(a.attname::text, '') FROM pg_index i \
     CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place) \
     LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number \
     WHERE i.indrelid = to_regclass(?) AND i.indisunique AND i.indimmediate AND i.indisvalid \
     AND i.indpred IS NULL AND k.place <= i.indnkeyatts ORDER BY i.indexrelid, k.place";

/// See [`Dialect::indexes`](crate::store::db::dialect::Dialect).
pub(crate) const INDEXES: &str = "SELECT i.indexrelid::text, COALESCE(a.attname::text, ''), i.indisunique, true FROM pg_index i \
     CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place) \
     LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number \
     WHERE i.indrelid = to_regclass(?) AND i.indisvalid AND i.indpred IS NULL AND k.place <= i.indnkeyatts \
     ORDER BY i.indexrelid, k.place";

/// See [`Dialect::foreign_keys`](crate::store::db::dialect::Dialect).
pub(crate) const FOREIGN_KEYS: &str = "SELECT t.oid::regclass::text, COALESCE(k.confrelid::regclass::text, '') FROM pg_class t \
     LEFT JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f' WHERE t.oid = to_regclass(?)";

/// See [`Dialect::has_schema`](crate::store::db::dialect::Dialect).
pub(crate) const HAS_SCHEMA: &str = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = ?)";

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
