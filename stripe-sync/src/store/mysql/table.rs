//! Column types of MySQL, and what a real table looks like.

use crate::cell::CellType;
use crate::store::check::FoundColumn;
use crate::store::db::bind::Bind;
use crate::store::db::connection::Conn;
use crate::store::db::place::Place;
use crate::store::db::retry::TxError;

/// The column type of a cell type.
pub(super) fn column_type(cell: CellType) -> &'static str {
    match cell {
        CellType::Text => "LONGTEXT",
        CellType::Integer => "BIGINT",
        CellType::Float => "DOUBLE",
        CellType::Boolean => "BOOLEAN",
        CellType::Instant => "DATETIME(6)",
        CellType::Decimal => "DECIMAL(38,12)",
        CellType::Json => "JSON",
        CellType::Bytes => "LONGBLOB",
    }
}

/// The DEFAULT of a local column that is not null.
pub(super) fn zero(cell: CellType) -> &'static str {
    match cell {
        // A text may have an expression as its default, but no literal.
        CellType::Text | CellType::Bytes => "('')",
        CellType::Json => "('null')",
        CellType::Integer | CellType::Float | CellType::Decimal => "0",
        CellType::Boolean => "FALSE",
        CellType::Instant => "'1970-01-01 00:00:00'",
    }
}

/// Whether a column of this type holds the cell type.
pub(super) fn accepts(cell: CellType, base: &str) -> bool {
    match cell {
        CellType::Text => matches!(
            base,
            "varchar" | "char" | "longtext" | "mediumtext" | "text" | "tinytext"
        ),
        CellType::Integer => matches!(
            base,
            "bigint" | "int" | "mediumint" | "smallint" | "tinyint" | "decimal"
        ),
        CellType::Float => matches!(base, "double" | "float" | "decimal"),
        CellType::Boolean => matches!(base, "tinyint" | "bit" | "smallint" | "int" | "bigint"),
        CellType::Instant => matches!(base, "datetime" | "timestamp"),
        CellType::Decimal => base == "decimal",
        // MariaDB's JSON is a longtext.
        CellType::Json => matches!(base, "json" | "longtext" | "mediumtext"),
        CellType::Bytes => matches!(
            base,
            "longblob" | "mediumblob" | "blob" | "tinyblob" | "varbinary" | "binary"
        ),
    }
}

/// Whether the session refuses values that do not fit.
pub(in crate::store) async fn is_strict(conn: &mut Conn<'_>) -> Result<bool, TxError> {
    let sql = "SELECT CONCAT(',', @@SESSION.sql_mode, ',') \
               REGEXP ',(STRICT_TRANS_TABLES|STRICT_ALL_TABLES|TRADITIONAL),'";
    let (strict,) = conn.one::<(bool,)>(sql, &[]).await?;
    Ok(strict)
}

fn named(place: &Place) -> [Bind<'_>; 2] {
    [
        Bind::text_or_null(place.table.schema()),
        Bind::text(place.table.name()),
    ]
}

/// The columns of the model's table; none if there is no such table.
pub(in crate::store) async fn columns(
    conn: &mut Conn<'_>,
    place: &Place,
) -> Result<Vec<FoundColumn>, TxError> {
    type Row = (
        String,
        String,
        String,
        bool,
        bool,
        Option<i64>,
        Option<i64>,
        Option<String>,
    );
    let sql = "SELECT column_name, column_type, data_type, is_nullable = 'YES', \
         column_default IS NOT NULL OR extra LIKE '%auto_increment%' OR extra LIKE '%GENERATED%', \
         CAST(numeric_scale AS SIGNED), CAST(character_maximum_length AS SIGNED), collation_name \
         FROM information_schema.columns \
         WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ? ORDER BY ordinal_position";
    let rows = conn.rows::<Row>(sql, &named(place)).await?;
    let found = |(name, sql_type, base, nullable, has_default, scale, length, collation): Row| {
        FoundColumn {
            name,
            sql_type,
            base: base.to_ascii_lowercase(),
            nullable,
            has_default,
            scale,
            length,
            collation,
        }
    };
    Ok(rows.into_iter().map(found).collect())
}

/// The columns of each unique key of the model's table; one that takes a part of a column is named with its length.
pub(in crate::store) async fn unique_keys(
    conn: &mut Conn<'_>,
    place: &Place,
) -> Result<Vec<Vec<String>>, TxError> {
    let sql = "SELECT index_name, COALESCE(column_name, ''), CAST(sub_part AS SIGNED) FROM information_schema.statistics \
         WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ? AND non_unique = 0 \
         ORDER BY index_name, seq_in_index";
    type Row = (String, String, Option<i64>);
    let rows = conn.rows::<Row>(sql, &named(place)).await?;
    let mut keys: Vec<(String, Vec<String>)> = Vec::new();
    for (index, mut column, length) in rows {
        if let Some(length) = length {
            column += &format!("({length})");
        }
        match keys.last_mut() {
            Some((last, columns)) if *last == index => columns.push(column),
            _ => keys.push((index, vec![column])),
        }
    }
    Ok(keys.into_iter().map(|(_, columns)| columns).collect())
}
