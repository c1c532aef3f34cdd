//! What a table holds of the children of some parents.

use sqlx::AssertSqlSafe;
use stripe_sync_schema::sql::Database;
use stripe_sync_schema::sql::postgres::cast_type;
use stripe_sync_schema::table::{DELETED_AT, HASH, OBSERVED_AT};

use crate::cell::{Cell, CellType};
use crate::model::{Column, Role};
use crate::store::db::column::cell_type;
use crate::store::db::row::Row as _;
use crate::store::db::{Bind, Conn, TableContext, TxError, statement};
use crate::store::rows::stored::Stored;
use crate::store::rows::{WantedColumns, stored as rows};

/// A row of a child.
#[derive(Debug)]
pub(crate) struct StoredChild {
    pub(crate) parent: String,
    pub(crate) id: String,
    pub(crate) row: Stored,
}

/// Parent, id, hash, token, deleted.
type Found = (Option<String>, String, Option<i64>, i64, bool);

/// The rows that have these parents, which the derive demands a column for; those that are marked as deleted too.
pub(crate) async fn of_parents(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    parents: &[&str],
) -> Result<Vec<StoredChild>, TxError> {
    with_columns(conn, target, parents, &WantedColumns::none()).await
}

/// The same with columns. The id of an element without one is its place in the list.
pub(crate) async fn with_columns(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    parents: &[&str],
    wanted: &WantedColumns,
) -> Result<Vec<StoredChild>, TxError> {
    let model = target.model;
    let id = model.role(Role::Id).or_else(|| model.role(Role::Position));
    let (Some(column), Some(id)) = (model.role(Role::Parent), id) else {
        return Ok(Vec::new());
    };
    let driver = target.kind.driver();
    let names = [column, id].map(|column| driver.read_as(column, target.quote(column.name)));
    let columns = wanted.of(model);
    let freshness = match target.versioned() {
        true => {
            let deleted_at = target.model.role(Role::DeletedAt);
            let deleted_at = target.quote(deleted_at.map_or(DELETED_AT, |column| column.name));
            let [hash, observed_at] = [HASH, OBSERVED_AT].map(|name| target.quote(name));
            format!("{hash}, {observed_at}, {deleted_at} IS NOT NULL")
        }
        false => match target.kind.sql() {
            Database::Postgres => "NULL::bigint, 0::bigint, FALSE".to_owned(),
            Database::MySql | Database::Sqlite => "NULL, 0, FALSE".to_owned(),
        },
    };
    let head = format!(
        "SELECT {}, {freshness}{}",
        names.join(", "),
        rows::selected(target, &columns)
    );
    let mut types = vec![
        cell_type(column),
        cell_type(id),
        CellType::Integer,
        CellType::Integer,
        CellType::Boolean,
    ];
    types.extend(columns.iter().map(|column| cell_type(column)));
    let mut found = Vec::new();
    for parents in parents.chunks(statement::FULL) {
        let (condition, binds) = having(target, column, parents);
        let sql = AssertSqlSafe(format!("{head} {condition}"));
        for mut row in conn.cells(sql, &binds, &types).await? {
            let read = row.split_off(Found::TYPES.len());
            if let Some(Cell::Integer(place)) = row.get(1) {
                row[1] = Cell::text(place.to_string());
            }
            let (parent, id, hash, observed_at, deleted) = Found::take(row)?;
            // A database may compare texts without regard to case.
            if let Some(parent) = parent.filter(|parent| parents.contains(&&**parent)) {
                let row = Stored {
                    hash,
                    observed_at,
                    deleted,
                    cells: wanted.take(read),
                };
                found.push(StoredChild { parent, id, row });
            }
        }
    }
    Ok(found)
}

/// Removes the rows that have these parents, of a table whose rows have no ids. Returns how many there were.
pub(crate) async fn remove_of_parents(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    parents: &[&str],
) -> Result<u64, TxError> {
    let Some(column) = target.model.role(Role::Parent) else {
        return Ok(0);
    };
    let mut removed = 0;
    for parents in parents.chunks(statement::FULL) {
        let (condition, binds) = having(target, column, parents);
        let sql = AssertSqlSafe(format!("DELETE {condition}"));
        removed += conn.execute(sql, &binds).await?;
    }
    Ok(removed)
}

/// `FROM`, and the condition that a row has one of these parents; few different lengths.
fn having<'b>(
    target: &'b TableContext<'_>,
    column: &Column,
    parents: &[&'b str],
) -> (String, Vec<Bind<'b>>) {
    let mut binds = target.scope_binds();
    let and = if binds.is_empty() { "WHERE" } else { "AND" };
    let name = target.quote(column.name);
    let first = binds.len() + 1;
    let condition = match target.kind.sql() {
        Database::Postgres => {
            binds.push(Bind::Texts(parents.to_vec()));
            let cast = column.sql_type.map_or(String::new(), |sql_type| {
                format!("::{}[]", cast_type(sql_type))
            });
            format!("{name} = ANY(${first}{cast})")
        }
        Database::Sqlite | Database::MySql => {
            let length = statement::padded(parents.len());
            binds.extend(statement::filled(parents, length).map(|parent| Bind::text(parent)));
            format!("{name} IN ({})", vec!["?"; length].join(", "))
        }
    };
    let rows = target.rows_of_scope();
    (format!("{rows} {and} {condition}"), binds)
}
