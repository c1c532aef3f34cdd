//! Comments of tables and columns, from the documentation of the struct.

use crate::model::Model;
use crate::store::db::{DatabaseKind, Dialect};

/// The comment of a model's table, as long as the database takes it; `None` where it has none.
pub(crate) fn of_table(model: &Model, dialect: &Dialect) -> Option<String> {
    let (most, _) = dialect.comment_bytes?;
    Some(cut(model.parts.declared.comment?, most))
}

/// The comment of a column.
pub(crate) fn of_column(model: &Model, name: &str, dialect: &Dialect) -> Option<String> {
    let (_, most) = dialect.comment_bytes?;
    let mut columns = model.columns().iter();
    let place = columns.position(|column| column.name == name)?;
    Some(cut(model.parts.declared.comment_of(place)?, most))
}

/// The statements that add the comments to a table, whose name is in quotes.
pub(crate) fn statements(model: &Model, table: &str, database: DatabaseKind) -> Vec<String> {
    let dialect = database.dialect();
    let of_table = of_table(model, dialect).map(|comment| (format!("TABLE {table}"), comment));
    let of_columns = model.columns().iter().filter_map(|column| {
        let comment = of_column(model, column.name, dialect)?;
        let name = database.sql().quote(column.name);
        Some((format!("COLUMN {table}.{name}"), comment))
    });
    let comments = of_table.into_iter().chain(of_columns);
    let statement = |(on, comment): (String, String)| {
        format!("COMMENT ON {on} IS {}", quoted(&comment, dialect))
    };
    comments.map(statement).collect()
}

/// A comment as a literal. MySQL's have escapes behind a backslash.
pub(crate) fn quoted(comment: &str, dialect: &Dialect) -> String {
    let comment = match dialect.escapes_backslash {
        true => comment.replace('\\', "\\\\"),
        false => comment.to_owned(),
    };
    format!("'{}'", comment.replace('\'', "''"))
}

/// The beginning of a comment that is too long, up to the end of a word.
fn cut(comment: &str, most: usize) -> String {
    const MORE: &str = "…";
    if comment.len() <= most {
        return comment.to_owned();
    }
    let most = most - MORE.len();
    let ends = comment.char_indices().map(|(at, _)| at);
    let end = ends.take_while(|at| *at <= most).last().unwrap_or_default();
    let start = &comment[..end];
    let word = start.rfind(' ').unwrap_or(end);
    format!("{}{MORE}", &start[..word])
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_long_comment_ends_behind_a_word() {
        assert_eq!(cut("ä word", 7), "ä word");
        assert_eq!(cut("one two three", 11), "one two…");
        assert_eq!(cut("äääää", 8), "ää…");
    }
}
