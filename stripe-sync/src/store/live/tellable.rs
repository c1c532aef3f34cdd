//! Which messages of the outbox a process can deliver.
//!
//! Processes with other models and handlers may share the database, as while a new version is rolled out. A message that
//! nobody here can deliver is left to them.

use crate::store::db::bind::Bind;

/// What a process can deliver.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tellable {
    /// The tables whose models have a hook.
    pub(crate) tables: Vec<String>,
    /// The patterns of the handlers: a type, or its beginning and `*`.
    pub(crate) patterns: Vec<String>,
}

/// The type of a message about an event, without the prefix of thin events about v1 resources.
const KIND: &str =
    "CASE WHEN SUBSTR(subject, 1, 3) = 'v1.' THEN SUBSTR(subject, 4) ELSE subject END";

impl Tellable {
    /// A condition about a message, and its parameters.
    pub(super) fn condition(&self) -> (String, Vec<Bind<'_>>) {
        let mut ways = Vec::new();
        let mut binds: Vec<Bind<'_>> = Vec::new();
        if !self.tables.is_empty() {
            let marks = vec!["?"; self.tables.len()].join(", ");
            ways.push(format!("body <> '' AND subject IN ({marks})"));
            binds.extend(self.tables.iter().map(|table| Bind::text(table)));
        }
        for pattern in &self.patterns {
            // Not `LIKE`, to which `_` is a sign of its own, and capitals are no others on SQLite.
            match pattern.strip_suffix('*') {
                Some(beginning) => {
                    let length = beginning.chars().count();
                    ways.push(format!("body = '' AND SUBSTR({KIND}, 1, {length}) = ?"));
                    binds.push(Bind::text(beginning));
                }
                None => {
                    ways.push(format!("body = '' AND {KIND} = ?"));
                    binds.push(Bind::text(pattern));
                }
            }
        }
        if ways.is_empty() {
            return ("(1 = 0)".to_owned(), binds);
        }
        (format!("(({}))", ways.join(") OR (")), binds)
    }
}
