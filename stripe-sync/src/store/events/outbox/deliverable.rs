//! Which messages of the outbox a process can deliver.
//!
//! Processes with other models and handlers may share the database, as while a new version is rolled out. A message that
//! nobody here can deliver is left to them.

use crate::store::db::Bind;

/// What a process can deliver.
#[derive(Debug, Clone, Default)]
pub(crate) struct Deliverable {
    /// The tables whose models have a hook.
    pub(crate) tables: Vec<String>,
    /// The patterns of the handlers: a type, or its beginning and `*`.
    pub(crate) patterns: Vec<String>,
}

/// The type of a message about an event, without the prefix of thin events about v1 resources.
const KIND: &str =
    "CASE WHEN SUBSTR(subject, 1, 3) = 'v1.' THEN SUBSTR(subject, 4) ELSE subject END";

impl Deliverable {
    /// Whether messages of a lane can be delivered.
    pub(crate) fn has(&self, lane: &str) -> bool {
        // The mode, what it is about, the subject and the account.
        let parts = || {
            let (_, rest) = lane.split_once(' ')?;
            let (what, rest) = rest.split_once(' ')?;
            Some((what, rest.rsplit_once(' ')?.0))
        };
        match parts() {
            Some(("table", table)) => self.tables.iter().any(|one| one == table),
            Some(("event", kind)) => {
                let kind = kind.strip_prefix("v1.").unwrap_or(kind);
                let mut patterns = self.patterns.iter();
                patterns.any(|pattern| match pattern.strip_suffix('*') {
                    Some(beginning) => kind.starts_with(beginning),
                    None => kind == pattern,
                })
            }
            _ => false,
        }
    }

    /// A condition about a message, and its parameters.
    pub(crate) fn condition(&self) -> (String, Vec<Bind<'_>>) {
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
