//! Column types of MySQL, and what a real table looks like.

use crate::cell::CellType;
use crate::store::db::connection::Conn;
use crate::store::db::retry::TxError;

/// The column type of a cell type.
pub(crate) fn column_type(cell: CellType) -> &'static str {
    match cell {
        CellType::Text => "LONGTEXT",
        CellType::Integer => "BIGINT",
        CellType::Float => "DOUBLE",
        CellType::Boolean => "BOOLEAN",
        CellType::Instant => "DATETIME(6)",
        // Every value of `rust_decimal::Decimal`: 29 digits before the point, or 28 behind it.
        CellType::Decimal => "DECIMAL(57,28)",
        CellType::Json => "JSON",
        CellType::Bytes => "LONGBLOB",
    }
}

/// The DEFAULT of a local column that is not null.
pub(crate) fn zero(cell: CellType) -> &'static str {
    match cell {
        // A text may have an expression as its default, but no literal.
        CellType::Text | CellType::Bytes => "('')",
        CellType::Json => "('null')",
        CellType::Integer | CellType::Float | CellType::Decimal => "0",
        CellType::Boolean => "FALSE",
        CellType::Instant => "'1970-01-01 00:00:00'",
    }
}

/// Whether the session refuses values that do not fit.
pub(crate) async fn is_strict(conn: &mut Conn<'_>) -> Result<bool, TxError> {
    let sql = "SELECT CONCAT(',', @@SESSION.sql_mode, ',') \
               REGEXP ',(STRICT_TRANS_TABLES|STRICT_ALL_TABLES|TRADITIONAL),'";
    let (strict,) = conn.one::<(bool,)>(sql, &[]).await?;
    Ok(strict)
}

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
