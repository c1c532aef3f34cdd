//! Statements for MySQL and MariaDB.

use super::Names;
use super::sqlite::{ByIds, placeholders};
use crate::table::{Statement, Table};

/// The quotation mark of names.
pub const QUOTE: char = '`';

/// MySQL and MariaDB write a list of rows in two ways, neither of which the other reads: so the rows that are the same
/// are counted, by a list of ids and one of hashes.
fn compare(names: &Names) -> Statement {
    if !names.versioned {
        return Statement::fixed("compare", String::new());
    }
    let scope: String = names
        .scope()
        .iter()
        .map(|name| format!("{name} = ? AND "))
        .collect();
    let head = format!(
        "SELECT COUNT(*) FROM {} WHERE {scope}{} IN (",
        names.table,
        names.id()
    );
    let tail = format!(
        ") AND {} <= ? AND {} IS NULL AND {} IN (",
        names.observed_at, names.deleted_at, names.hash
    );
    Statement::rows("compare", head, "?".to_owned(), tail)
}

/// The statements of a table, one for each field of [`Statements`](crate::table::Statements).
pub fn statements(table: &Table) -> Vec<Statement> {
    let names = Names::new(table, QUOTE);
    let by_ids = ByIds::new(&names);
    let ask = by_ids.ask("NULL, 0, FALSE");
    let lock_tail = format!(") ORDER BY {} FOR UPDATE", names.id());
    let head = format!("{} VALUES ", names.insert_into());
    let row = placeholders(names.inserted().len());
    // `VALUES(c)` is the form that MySQL and MariaDB share. No guard: the rows are locked and were compared, which
    // also tells each row's outcome, where the number of affected rows would not.
    let on_duplicate = format!(
        " ON DUPLICATE KEY UPDATE {}",
        names.set(|name| format!("VALUES({name})"))
    );
    let update = format!(
        "UPDATE {} SET {} WHERE {} = ?",
        names.table,
        names.set(|_| "?".to_owned()),
        names.key.join(" = ? AND ")
    );
    vec![
        by_ids.statement("ask", ask.clone(), ")"),
        by_ids.statement("lock", ask, &lock_tail),
        compare(&names),
        Statement::rows("upsert", head.clone(), row.clone(), on_duplicate),
        Statement::rows("insert", head, row, String::new()),
        Statement::fixed("update", update),
        by_ids.raise(),
        by_ids.mark(),
        by_ids.remove(),
    ]
}
