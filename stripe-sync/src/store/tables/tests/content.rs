//! What is in the bookkeeping tables, as text.

use stripe_sync_schema::bookkeeping::{Column, Placement, Table, Type, tables};

use crate::store::tables::tests::database::Database;

/// Each table's name and its rows, in which columns are separated by bars.
pub(crate) async fn content(
    database: &Database,
    placement: &Placement,
) -> Vec<(&'static str, Vec<String>)> {
    let mut content = Vec::new();
    for table in tables() {
        content.push((table.name, rows(database, placement, table).await));
    }
    content
}

async fn rows(database: &Database, placement: &Placement, table: &Table) -> Vec<String> {
    let kind = database.kind();
    let name = database
        .tables(placement)
        .expand(&format!("${}", table.name));
    let sql = match kind.is_postgres() && table.name == "clock" {
        true => {
            format!("SELECT '1', CASE WHEN is_called THEN last_value ELSE 0 END::text FROM {name}")
        }
        false => {
            let columns: Vec<String> = table
                .columns
                .iter()
                .filter(|column| !column.is_computed())
                .map(|column| as_text(database, column))
                .collect();
            format!("SELECT {} FROM {name}", columns.join(", "))
        }
    };
    let rows = database.rows(&sql, &[]).await;
    let row = |row: Vec<Option<String>>| {
        let columns = row.into_iter();
        let columns: Vec<String> = columns
            .map(|column| column.unwrap_or_else(|| "NULL".to_owned()))
            .collect();
        columns.join("|")
    };
    let mut rows: Vec<String> = rows.into_iter().map(row).collect();
    rows.sort();
    rows
}

/// A column's value as a text that is the same on each database.
fn as_text(database: &Database, column: &Column) -> String {
    let kind = database.kind();
    // Without quotation marks: no statement needs them.
    let name = column.name;
    let text = match kind.is_mysql() {
        true => "CHAR",
        false => "TEXT",
    };
    match column.kind {
        Type::Bytes if kind.is_postgres() => format!("encode({name}, 'hex')"),
        Type::Bytes => format!("lower(hex({name}))"),
        Type::Boolean => format!("CAST(CASE WHEN {name} THEN 1 ELSE 0 END AS {text})"),
        _ => format!("CAST({name} AS {text})"),
    }
}
