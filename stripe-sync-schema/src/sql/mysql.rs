//! Statements for mysql.

use crate::table::{Statement, Table};

/// The statements of a table, one for each field of [`Statements`](crate::table::Statements).
pub fn statements(table: &Table) -> Vec<Statement> {
    vec![Statement {
        field: "upsert",
        head: format!("INSERT INTO {}", table.name),
        row: String::new(),
        tail: String::new(),
    }]
}
