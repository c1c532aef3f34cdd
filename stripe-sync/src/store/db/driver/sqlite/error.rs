//! What SQLite's error codes mean.

use sqlx::AssertSqlSafe;
use stripe_sync_schema::sql::quote;
use stripe_sync_schema::sql::sqlite::QUOTE;

use crate::cell::Cell;
use crate::store::db::error::attribution::{named, without_values};
use crate::store::db::retry::Class;
use crate::store::db::{Attribution, Bind, Conn, Driver as _, TableContext, TxError};

/// The primary result code is the low byte of the extended one.
const PRIMARY: i32 = 0xff;
const ERROR: i32 = 1;
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const FULL: i32 = 13;
const TOO_BIG: i32 = 18;
const CONSTRAINT: i32 = 19;
const MISMATCH: i32 = 20;
/// How the messages about what a statement names begin or end: their code is that of a function that fails for one row.
const OF_STRUCTURE: [&str; 5] = [
    "no such table",
    "no such column",
    "has no column named",
    "syntax error",
    "values for",
];

/// Returns what an extended result code, with its message, means. What is said of rights and of the structure is of no
/// single row.
pub(crate) fn classify(code: Option<&str>, message: &str) -> Class {
    let code = code.and_then(|code| code.parse::<i32>().ok());
    match code.map(|code| code & PRIMARY) {
        Some(BUSY | LOCKED) => Class::Contended,
        Some(TOO_BIG | CONSTRAINT | MISMATCH | FULL) => Class::Data,
        Some(ERROR) if !OF_STRUCTURE.iter().any(|words| message.contains(words)) => Class::Data,
        _ => Class::Other,
    }
}

/// The column that the message names, or the constraint that it names, and the reason without values.
///
/// # Errors
/// When the constraint cannot be looked up.
pub(crate) async fn blame(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    cells: &[Cell<'static>],
    message: &str,
) -> Result<Attribution, TxError> {
    let reason = without_values(message, cells);
    let column = match reason.strip_prefix("CHECK constraint failed: ") {
        _ if message == "FOREIGN KEY constraint failed" => foreign_key(conn, target).await?,
        // A constraint without a name is named by its condition.
        Some(name) => match condition(conn, target, name).await? {
            Some(condition) => named(target, &condition),
            None => named(target, name),
        },
        None => named(target, &reason),
    };
    Ok(Attribution { column, reason })
}

/// The column of the only foreign key of a table: SQLite does not say which one failed.
async fn foreign_key(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
) -> Result<Option<String>, TxError> {
    let sql = "SELECT MIN(\"from\") FROM pragma_foreign_key_list(?2, ?1) HAVING COUNT(*) = 1";
    let names = crate::store::db::driver::sqlite::Sqlite.names(&target.place);
    let found = conn.row::<(Option<String>,)>(sql, &names).await?;
    Ok(found.and_then(|(column,)| column))
}

/// The condition of a check constraint, which only the table's own text has.
async fn condition(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    name: &str,
) -> Result<Option<String>, TxError> {
    let schema = quote(target.place.table.schema().unwrap_or("main"), QUOTE);
    let sql = format!(
        "SELECT sql FROM {schema}.sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE"
    );
    let table = Bind::text(target.place.table.name());
    let text = conn.row::<(String,)>(AssertSqlSafe(sql), &[table]).await?;
    Ok(text.and_then(|(text,)| condition_in(&text, name)))
}

/// What stands in the parentheses behind `CONSTRAINT name CHECK`.
fn condition_in(table: &str, name: &str) -> Option<String> {
    let begins = |rest: &str| {
        let rest = rest.trim_start().trim_start_matches(['"', '`', '[', '\'']);
        let rest = rest
            .strip_prefix(name)?
            .trim_start_matches(['"', '`', ']', '\''])
            .trim_start();
        let (check, rest) = rest.split_at_checked("CHECK".len())?;
        check
            .eq_ignore_ascii_case("CHECK")
            .then(|| rest.trim_start().to_owned())
    };
    let upper = table.to_ascii_uppercase();
    let mut constraints = upper.match_indices("CONSTRAINT");
    let rest = constraints.find_map(|(at, word)| begins(&table[at + word.len()..]))?;
    let mut depth = 0;
    let end = rest.char_indices().find_map(|(at, letter)| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        (depth == 0).then_some(at)
    });
    rest.get(..end?).map(str::to_owned)
}

#[cfg(test)]
mod tests;
