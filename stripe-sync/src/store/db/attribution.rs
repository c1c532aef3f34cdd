//! Which column a refusal is about, and what to say of it.

use crate::store::db::context::TableContext;

/// Why a row is refused: the column, if it can be told, and the reason in words, which never holds a value.
#[derive(Debug)]
pub(crate) struct Attribution {
    pub(crate) column: Option<String>,
    pub(crate) reason: String,
}

/// The one column of the model that a message names.
pub(crate) fn named(target: &TableContext<'_>, message: &str) -> Option<String> {
    let words: Vec<&str> = message
        .split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
        .collect();
    let mut named = target
        .model
        .columns()
        .iter()
        .map(|column| column.name)
        .filter(|name| words.contains(name));
    let first = named.next()?;
    named.next().is_none().then(|| first.to_owned())
}
