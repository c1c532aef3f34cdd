//! Column types of SQLite, and what a real table looks like.

use crate::cell::CellType;
use crate::store::check::FoundColumn;
use crate::store::db::bind::Bind;
use crate::store::db::connection::Conn;
use crate::store::db::place::Place;
use crate::store::db::retry::TxError;

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

/// The columns of the model's table; none if there is no such table.
pub(in crate::store) async fn columns(
    conn: &mut Conn<'_>,
    place: &Place,
) -> Result<Vec<FoundColumn>, TxError> {
    let (arguments, binds) = named(place, place.table.name());
    let sql = format!(
        "SELECT name, type, \"notnull\", dflt_value IS NOT NULL OR hidden <> 0, pk FROM pragma_table_xinfo({arguments})"
    );
    type Row = (String, String, bool, bool, i64);
    let rows = conn.rows::<Row>(sql, &binds).await?;
    let found = |(name, sql_type, not_null, has_default, key): Row| FoundColumn {
        name,
        base: base(&sql_type),
        nullable: !not_null,
        // An integer key is the row's own number.
        has_default: has_default || (key > 0 && sql_type.eq_ignore_ascii_case("integer")),
        sql_type,
        length: None,
        scale: None,
        collation: None,
    };
    Ok(rows.into_iter().map(found).collect())
}

/// The declared type in lower case and without its length.
fn base(declared: &str) -> String {
    let end = declared.find('(').unwrap_or(declared.len());
    declared[..end].trim().to_ascii_lowercase()
}

/// The columns of each unique key of the model's table.
pub(in crate::store) async fn unique_keys(
    conn: &mut Conn<'_>,
    place: &Place,
) -> Result<Vec<Vec<String>>, TxError> {
    let (arguments, binds) = named(place, place.table.name());
    let sql = format!("SELECT name FROM pragma_table_info({arguments}) WHERE pk > 0 ORDER BY pk");
    let mut keys = vec![names(conn, sql, &binds).await?];
    let sql = format!(
        "SELECT name FROM pragma_index_list({arguments}) WHERE \"unique\" = 1 AND partial = 0"
    );
    for index in names(conn, sql, &binds).await? {
        let (arguments, binds) = named(place, &index);
        let sql =
            format!("SELECT COALESCE(name, '') FROM pragma_index_info({arguments}) ORDER BY seqno");
        keys.push(names(conn, sql, &binds).await?);
    }
    keys.retain(|key| !key.is_empty());
    Ok(keys)
}

async fn names(
    conn: &mut Conn<'_>,
    sql: String,
    binds: &[Bind<'_>],
) -> Result<Vec<String>, TxError> {
    let rows = conn.rows::<(String,)>(sql, binds).await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

/// The arguments of a pragma function about a name in the model's database file.
fn named<'b>(place: &'b Place, name: &'b str) -> (&'static str, Vec<Bind<'b>>) {
    match place.table.schema() {
        Some(schema) => ("?, ?", vec![Bind::text(name), Bind::text(schema)]),
        None => ("?", vec![Bind::text(name)]),
    }
}
