//! What a real table looks like.

/// See [`Dialect::columns`](crate::store::db::dialect::Dialect).
pub(crate) const COLUMNS: &str = "SELECT column_name, column_type, LOWER(data_type), is_nullable = 'YES', \
     column_default IS NOT NULL OR extra LIKE '%auto_increment%' OR extra LIKE '%GENERATED%', \
     CAST(numeric_precision AS SIGNED), CAST(COALESCE(datetime_precision, numeric_scale) AS SIGNED), \
     CAST(character_maximum_length AS SIGNED), collation_name, \
     CASE WHEN data_type = 'enum' THEN SUBSTRING(column_type, 6, CHAR_LENGTH(column_type) - 6) END \
     FROM information_schema.columns \
     WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ? ORDER BY ordinal_position";

/// One that takes a part of a column is named with its length. See
/// [`Dialect::unique_keys`](crate::store::db::dialect::Dialect).
pub(crate) const UNIQUE_KEYS: &str = "SELECT index_name, \
     CONCAT(COALESCE(column_name, ''), COALESCE(CONCAT('(', sub_part, ')'), '')) FROM information_schema.statistics \
     WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ? AND non_unique = 0 \
     ORDER BY index_name, seq_in_index";
