//! What the database's catalog says of a table.

use crate::model::Model;
use crate::store::db::{Conn, DatabaseKind, FoundColumn, Place, TxError};

/// The columns of a table; none if there is no such table.
pub(crate) async fn columns(
    conn: &mut Conn<'_>,
    place: &Place,
) -> Result<Vec<FoundColumn>, TxError> {
    let sql = conn.kind().dialect().columns;
    let names = conn.kind().driver().names(place);
    conn.rows(sql, &names).await
}

/// The columns of a model's table, with what only their rows can tell.
pub(crate) async fn examined(
    conn: &mut Conn<'_>,
    place: &Place,
    model: &Model,
) -> Result<Vec<FoundColumn>, TxError> {
    let mut found = columns(conn, place).await?;
    let driver = conn.kind().driver();
    driver.examine(conn, place, model, &mut found).await?;
    Ok(found)
}

/// The column of a table that a column of the struct is. Names have no case on MySQL and SQLite, and the derive's are as
/// the user wrote them.
pub(crate) fn column_of<'f>(
    database: DatabaseKind,
    name: &str,
    found: &'f [FoundColumn],
) -> Option<&'f FoundColumn> {
    found
        .iter()
        .find(|found| match database.dialect().names_have_case {
            true => name == found.name,
            false => name.eq_ignore_ascii_case(&found.name),
        })
}

/// The columns of each unique key of a table.
pub(crate) async fn unique_keys(
    conn: &mut Conn<'_>,
    place: &Place,
) -> Result<Vec<Vec<String>>, TxError> {
    let sql = conn.kind().dialect().unique_keys;
    let rows = conn
        .rows::<(String, String)>(sql, &conn.kind().driver().names(place))
        .await?;
    let keys = rows.chunk_by(|(key, _), (next, _)| key == next);
    let columns = |key: &[(String, String)]| key.iter().map(|row| row.1.clone()).collect();
    Ok(keys.map(columns).collect())
}

/// An index of a real table.
#[derive(Debug)]
pub(crate) struct FoundIndex {
    /// Each column, and whether the whole of it is in the index.
    pub(crate) columns: Vec<(String, bool)>,
    pub(crate) unique: bool,
}

/// The indexes of a table, those of its keys too.
pub(crate) async fn indexes(
    conn: &mut Conn<'_>,
    place: &Place,
) -> Result<Vec<FoundIndex>, TxError> {
    let sql = conn.kind().dialect().indexes;
    let names = conn.kind().driver().names(place);
    let rows = conn
        .rows::<(String, String, bool, bool)>(sql, &names)
        .await?;
    let index = |rows: &[(String, String, bool, bool)]| FoundIndex {
        columns: rows.iter().map(|row| (row.1.clone(), row.3)).collect(),
        unique: rows.iter().all(|row| row.2),
    };
    Ok(rows
        .chunk_by(|one, next| one.0 == next.0)
        .map(index)
        .collect())
}

/// The tables to which foreign keys of a table lead.
#[derive(Debug, Default)]
pub(crate) struct ForeignKeys {
    /// The table's own name, as the database writes it; empty if there is no such table.
    pub(crate) own: String,
    /// Those of the others, written in the same way.
    pub(crate) others: Vec<String>,
}

/// Finds to which tables foreign keys of a table lead.
pub(crate) async fn foreign_keys(
    conn: &mut Conn<'_>,
    place: &Place,
) -> Result<ForeignKeys, TxError> {
    let sql = conn.kind().dialect().foreign_keys;
    let names = conn.kind().driver().names(place);
    let mut found = ForeignKeys::default();
    for (own, other) in conn.rows::<(String, String)>(sql, &names).await? {
        found.own = own;
        found
            .others
            .extend(Some(other).filter(|other| !other.is_empty()));
    }
    Ok(found)
}

/// What stands in the way of a statement that changes a table.
#[derive(Debug)]
pub(crate) struct Obstacle {
    /// Empty where it is about the table.
    pub(crate) column: String,
    pub(crate) prevents: Prevented,
    pub(crate) why: String,
}

/// What a database would refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prevented {
    /// Any change.
    All,
    /// A unique key without the column.
    Key,
    /// Another type of the column.
    Type,
    /// That the column accepts NULL.
    Null,
}

/// Finds what stands in the way of statements that change a table.
pub(crate) async fn obstacles(
    conn: &mut Conn<'_>,
    place: &Place,
) -> Result<Vec<Obstacle>, TxError> {
    let sql = conn.kind().dialect().obstacles;
    let names = conn.kind().driver().names(place);
    let rows = conn.rows::<(String, String, String)>(sql, &names).await?;
    let obstacle = |(column, prevents, why): (String, String, String)| Obstacle {
        column,
        prevents: match &*prevents {
            "key" => Prevented::Key,
            "type" => Prevented::Type,
            "null" => Prevented::Null,
            _ => Prevented::All,
        },
        why,
    };
    Ok(rows.into_iter().map(obstacle).collect())
}
