//! What MySQL's and MariaDB's error numbers mean.

use crate::cell::Cell;
use crate::store::db::error::attribution::{self, MISFIT, without_values};
use crate::store::db::retry::Class;
use crate::store::db::{Attribution, Bind, Conn, TableContext, TxError};

/// Returns what an error number means. What is said of rights and of the structure is of no single row; what else is said, by
/// a trigger for example, is taken to be of one.
pub(crate) fn classify(number: u16) -> Class {
    match number {
        // Lock wait time-out, deadlock, MariaDB's "record has changed since last read", a savepoint that a deadlock
        // took away together with its transaction.
        1205 | 1213 | 1020 | 1305 => Class::Contended,
        // Server shutdown, connection killed, connection killed (MariaDB).
        1053 | 3169 | 1927 => Class::Broken,
        // No right to the database, table, column or routine, or to a server that is read-only.
        1044 | 1045 | 1142 | 1143 | 1227 | 1370 | 1290 | 1792 | 1836 => Class::Other,
        // No such database, column or table, another number of columns, and what cannot be parsed.
        1049 | 1054 | 1146 | 1136 | 1064 => Class::Other,
        _ => Class::Data,
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
    (number, message): (u16, &str),
) -> Result<Attribution, TxError> {
    let (named, reason) = read(number, &without_values(message, cells));
    let column = match named {
        Named::Column(column) => Some(column),
        Named::Key(key) => column_of_key(conn, target, &key).await?,
        Named::Check(name) => match condition(conn, &name).await? {
            Some(condition) => attribution::named(target, &condition),
            None => attribution::named(target, &name),
        },
        Named::Other => attribution::named(target, &reason),
    };
    Ok(Attribution { column, reason })
}

/// What a message names.
#[derive(Debug, PartialEq)]
enum Named {
    Column(String),
    /// A unique key.
    Key(String),
    /// A check constraint.
    Check(String),
    Other,
}

/// What the message names, and the reason without the values that some messages quote.
fn read(number: u16, message: &str) -> (Named, String) {
    let column = ["for column ", "Column ", "column ", "FOREIGN KEY ("]
        .iter()
        .find_map(|before| quoted_after(message, before));
    let (named, reason) = match number {
        1062 | 1586 => match quoted_after(message, "for key ") {
            Some(key) => {
                let reason = format!("duplicate entry for key `{key}`");
                (Named::Key(key), reason)
            }
            None => (Named::Other, "duplicate entry".to_owned()),
        },
        // An enum or a set, a string, a moment, a number, or JSON.
        1265 | 1292 | 1366 | 1367 | 1411 | 3140 | 4038 => match column {
            Some(column) => {
                let reason = format!("the value does not fit column `{column}`");
                (Named::Column(column), reason)
            }
            None => (Named::Other, MISFIT.to_owned()),
        },
        4025 | 3819 => {
            let name = ["CONSTRAINT ", "constraint "].iter();
            let name = name
                .clone()
                .find_map(|before| quoted_after(message, before));
            (name.map_or(Named::Other, Named::Check), message.to_owned())
        }
        _ => (
            column.map_or(Named::Other, Named::Column),
            message.to_owned(),
        ),
    };
    (named, format!("{reason} ({number})"))
}

/// The column of a unique key of one column.
async fn column_of_key(
    conn: &mut Conn<'_>,
    target: &TableContext<'_>,
    key: &str,
) -> Result<Option<String>, TxError> {
    let sql = "SELECT MIN(column_name) FROM information_schema.statistics \
               WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ? AND index_name = ? \
               HAVING COUNT(*) = 1";
    let mut names = conn.kind().driver().names(&target.place);
    names.push(Bind::text(key));
    let found = conn.row::<(Option<String>,)>(sql, &names).await?;
    Ok(found.and_then(|(column,)| column))
}

/// The conditions of the check constraints of a name: MySQL does not say of which table each is.
async fn condition(conn: &mut Conn<'_>, name: &str) -> Result<Option<String>, TxError> {
    let sql = "SELECT CAST(GROUP_CONCAT(check_clause) AS CHAR) FROM information_schema.check_constraints \
               WHERE constraint_schema = DATABASE() AND constraint_name = ?";
    let found = conn
        .row::<(Option<String>,)>(sql, &[Bind::text(name)])
        .await?;
    Ok(found.and_then(|(condition,)| condition))
}

/// The last part of the quoted name that follows some words: `'a'`, or `` `db`.`t`.`a` ``.
fn quoted_after(message: &str, before: &str) -> Option<String> {
    let (_, rest) = message.split_once(before)?;
    let mark = rest.chars().next()?;
    if mark != '\'' && mark != '`' {
        return None;
    }
    let name = rest.split(' ').next()?;
    let name = name.trim_end_matches(['.', ',', ')']).trim_matches(mark);
    let separator = format!("{mark}.{mark}");
    name.rsplit(separator.as_str()).next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{Named, read};

    #[test]
    fn messages_name_columns_and_keep_no_values() {
        let column = |name: &str| Named::Column(name.to_owned());
        for (number, message, named, reason) in [
            (
                1048,
                "Column 'email' cannot be null",
                column("email"),
                "Column 'email' cannot be null (1048)",
            ),
            (
                1366,
                "Incorrect integer value: 'secret' for column `db`.`t`.`age` at row 1",
                column("age"),
                "the value does not fit column `age` (1366)",
            ),
            (
                1292,
                "Truncated incorrect DOUBLE value: 'secret'",
                Named::Other,
                "a value does not fit the type of its column (1292)",
            ),
            (
                1062,
                "Duplicate entry 'a@b.c' for key 'email_unique'",
                Named::Key("email_unique".to_owned()),
                "duplicate entry for key `email_unique` (1062)",
            ),
            (
                4025,
                "CONSTRAINT `positive` failed for `db`.`t`",
                Named::Check("positive".to_owned()),
                "CONSTRAINT `positive` failed for `db`.`t` (4025)",
            ),
        ] {
            assert_eq!(read(number, message), (named, reason.to_owned()));
        }
        let (named, _) = read(1406, "Data too long for column 'name' at row 3");
        assert_eq!(named, column("name"));
        let foreign = "Cannot add or update a child row: a foreign key constraint fails (`db`.`t`, CONSTRAINT `c` FOREIGN \
                       KEY (`country`) REFERENCES `countries` (`code`))";
        assert_eq!(read(1452, foreign).0, column("country"));
    }
}
