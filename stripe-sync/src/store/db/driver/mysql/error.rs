//! What MySQL's and MariaDB's error numbers mean.

use crate::store::db::retry::Class;

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

/// The column that a message names as such, and the reason without the values that some messages quote.
pub(crate) fn blame(number: u16, message: &str) -> (Option<String>, String) {
    let named = ["for column ", "Column ", "column "]
        .iter()
        .find_map(|before| quoted_after(message, before));
    let reason = match number {
        1062 | 1586 => match quoted_after(message, "for key ") {
            Some(key) => format!("duplicate entry for key `{key}`"),
            None => "duplicate entry".to_owned(),
        },
        1292 | 1366 => match &named {
            Some(column) => format!("the value does not fit column `{column}`"),
            None => "the value does not fit its column".to_owned(),
        },
        _ => message.to_owned(),
    };
    (named, format!("{reason} ({number})"))
}

/// The last part of the quoted name that follows some words: `'a'`, or `` `db`.`t`.`a` ``.
fn quoted_after(message: &str, before: &str) -> Option<String> {
    let (_, rest) = message.split_once(before)?;
    let mark = rest.chars().next()?;
    if mark != '\'' && mark != '`' {
        return None;
    }
    let name = rest.split(' ').next()?;
    let name = name.trim_end_matches(['.', ',']).trim_matches(mark);
    let separator = format!("{mark}.{mark}");
    name.rsplit(separator.as_str()).next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::blame;

    #[test]
    fn messages_name_columns_and_keep_no_values() {
        let of = |number, message| blame(number, message);
        assert_eq!(
            of(1048, "Column 'email' cannot be null"),
            (
                Some("email".to_owned()),
                "Column 'email' cannot be null (1048)".to_owned()
            )
        );
        assert_eq!(
            of(1406, "Data too long for column 'name' at row 3").0,
            Some("name".to_owned())
        );
        let (column, reason) = of(
            1366,
            "Incorrect integer value: 'secret' for column `db`.`t`.`age` at row 1",
        );
        assert_eq!(column.as_deref(), Some("age"));
        assert!(!reason.contains("secret"));
        assert_eq!(
            of(1062, "Duplicate entry 'a@b.c' for key 'email_unique'").1,
            "duplicate entry for key `email_unique` (1062)"
        );
    }
}
