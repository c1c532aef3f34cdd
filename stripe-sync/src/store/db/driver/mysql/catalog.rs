//! What a real table looks like.

/// See [`Dialect::columns`](crate::store::db::dialect::Dialect).
pub(crate) const COLUMNS: &str = "SELECT column_name, column_type, LOWER(data_type), is_nullable = 'YES', \
     column_default IS NOT NULL OR extra LIKE '%auto_increment%' OR extra LIKE '%GENERATED%', \
     CAST(numeric_precision AS SIGNED), CAST(COALESCE(datetime_precision, numeric_scale) AS SIGNED), \
     CAST(character_maximum_length AS SIGNED), collation_name, \
     CASE WHEN data_type = 'enum' THEN SUBSTRING(column_type, 6, CHAR_LENGTH(column_type) - 6) END, \
     extra LIKE '%GENERATED%' AND extra NOT LIKE '%DEFAULT_GENERATED%' \
     FROM information_schema.columns \
     WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ? ORDER BY ordinal_position";

/// See [`Dialect::obstacles`](crate::store::db::dialect::Dialect).
pub(crate) const OBSTACLES: &str = "SELECT \
     COALESCE(CASE WHEN k.table_name = t.table_name THEN k.column_name ELSE k.referenced_column_name END, ''), \
     CASE WHEN k.column_name IS NULL THEN 'all' ELSE 'type' END, CASE \
     WHEN k.column_name IS NOT NULL THEN 'a foreign key uses the column: drop it, change the column, and add it again' \
     WHEN t.table_type LIKE '%VIEW' THEN 'it is a view: change its definition, or give the model a table' \
     WHEN t.table_type = 'SYSTEM VERSIONED' THEN 'it has system versioning: change it in a session with \
     system_versioning_alter_history = KEEP, or give the model another table' \
     ELSE 'it is no table: give the model another name' END \
     FROM information_schema.tables t LEFT JOIN information_schema.key_column_usage k ON k.referenced_table_name IS NOT NULL \
     AND ((k.table_schema = t.table_schema AND k.table_name = t.table_name) \
     OR (k.referenced_table_schema = t.table_schema AND k.referenced_table_name = t.table_name)) \
     WHERE t.table_schema = COALESCE(?, DATABASE()) AND t.table_name = ? \
     AND (k.column_name IS NOT NULL OR t.table_type <> 'BASE TABLE')";

/// One that takes a part of a column is named with its length. See
/// [`Dialect::unique_keys`](crate::store::db::dialect::Dialect).
pub(crate) const UNIQUE_KEYS: &str = "SELECT index_name, \
     CONCAT(COALESCE(column_name, ''), COALESCE(CONCAT('(', sub_part, ')'), '')) FROM information_schema.statistics \
     WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ? AND non_unique = 0 \
     ORDER BY index_name, seq_in_index";

/// See [`Dialect::indexes`](crate::store::db::dialect::Dialect).
pub(crate) const INDEXES: &str = "SELECT index_name, COALESCE(column_name, ''), non_unique = 0, sub_part IS NULL \
     FROM information_schema.statistics WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ? \
     ORDER BY index_name, seq_in_index";

/// See [`Dialect::foreign_keys`](crate::store::db::dialect::Dialect).
pub(crate) const FOREIGN_KEYS: &str = "SELECT CONCAT(t.table_schema, '.', t.table_name), \
     COALESCE(CONCAT(k.unique_constraint_schema, '.', k.referenced_table_name), '') \
     FROM information_schema.tables t LEFT JOIN information_schema.referential_constraints k \
     ON k.constraint_schema = t.table_schema AND k.table_name = t.table_name \
     WHERE t.table_schema = COALESCE(?, DATABASE()) AND t.table_name = ?";
