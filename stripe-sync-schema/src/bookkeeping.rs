//! The bookkeeping tables: one list, from which the statements of each database follow.
//!
//! A statement names them as `$tables`, `$inbox` and so on, and [`Bookkeeping::expand`] puts the names in. A process
//! [looks](Bookkeeping::look) what a database has, [plans](Bookkeeping::plan) what it lacks, and takes the [lock](Lock) only
//! if that is anything.

mod ddl;
mod error;
mod list;
mod lock;
mod look;
mod migration;
mod placement;
mod plan;
mod table;
#[cfg(test)]
mod tests;
mod tokens;

pub use error::TablesError;
pub use list::tables;
pub use lock::Lock;
pub use look::{Found, Question};
pub use placement::{Placement, PlacementError};
pub use table::{Column, Table, Type};

use crate::sql::Database;
use list::{NEXT_TOKEN, SKIP_TOKENS};

/// The bookkeeping tables of one database, where a placement puts them.
#[derive(Debug, Clone, Copy)]
pub struct Bookkeeping<'p> {
    database: Database,
    placement: &'p Placement,
}

impl<'p> Bookkeeping<'p> {
    /// Names the tables of a database. The placement is one that [`Placement::validate`] accepts.
    #[must_use]
    pub fn new(database: Database, placement: &'p Placement) -> Self {
        Self {
            database,
            placement,
        }
    }

    /// Returns a statement with the names of tables in place of `$tables`, `$inbox` and so on. On PostgreSQL,
    /// `$next_token` is an expression that takes the next token, and `$skip_tokens` the function that leaps over tokens.
    /// `$1` stays.
    #[must_use]
    pub fn expand(self, sql: &str) -> String {
        let mut parts = sql.split('$');
        let mut expanded = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(|letter: char| !matches!(letter, 'a'..='z' | '_'));
            let (name, rest) = part.split_at(end.unwrap_or(part.len()));
            match self.meaning(name) {
                Some(full) => expanded += &full,
                None => expanded.extend(["$", name]),
            }
            expanded += rest;
        }
        expanded
    }

    fn meaning(self, name: &str) -> Option<String> {
        match name {
            "" => None,
            NEXT_TOKEN if self.database == Database::Postgres => Some(self.table(name) + "()"),
            SKIP_TOKENS if self.database == Database::Postgres => Some(self.table(name)),
            _ => {
                let known = tables().any(|table| table.name == name);
                debug_assert!(
                    known,
                    "${name} is not a bookkeeping table of {:?}",
                    self.database
                );
                known.then(|| self.table(name))
            }
        }
    }

    /// The quoted name of a table, after that of its schema.
    fn table(self, name: &str) -> String {
        match self.schema() {
            Some(schema) => format!("{schema}.{}", self.alone(name)),
            None => self.alone(name),
        }
    }

    /// The quoted name of a table or an index, without a schema.
    fn alone(self, name: &str) -> String {
        self.database.quote(&self.placement.prefixed(name))
    }

    /// The schema's quoted name.
    fn schema(self) -> Option<String> {
        let schema = self.placement.schema.as_deref()?;
        Some(self.database.quote(schema))
    }
}
