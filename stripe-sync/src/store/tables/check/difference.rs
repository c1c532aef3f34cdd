//! What differs between a model and its real table.

use std::fmt;

use crate::model::words::words;
use crate::store::db::catalog::{Obstacle, Prevented};

/// One thing in which the real table is not what the struct needs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    pub(super) kind: DifferenceKind,
    pub(super) table: String,
    pub(super) column: Option<String>,
    pub(super) expected: String,
    pub(super) found: String,
    pub(super) fix: String,
}

/// What kind of difference it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DifferenceKind {
    /// There is no such table.
    MissingTable,
    /// The table lacks a column of the struct, or a bookkeeping column.
    MissingColumn,
    /// The column's type does not hold the field's values.
    WrongType,
    /// The column must accept NULL and does not.
    NotNullable,
    /// The column must not accept NULL and does.
    Nullable,
    /// A sync leaves the column out when it inserts, and the column has neither a default nor accepts NULL.
    NoDefault,
    /// No unique key is on exactly the columns of the model's key.
    MissingKey,
    /// The key's column takes different ids for equal, or is too short for them.
    InexactKey,
    /// The database computes the column's values, so nothing can be written to it.
    Generated,
}

words! {
    DifferenceKind: MissingTable "missing table", MissingColumn "missing column", WrongType "wrong type",
    NotNullable "not nullable", Nullable "nullable", NoDefault "no default", MissingKey "missing key",
    InexactKey "inexact key", Generated "generated column"
}

impl Difference {
    /// What kind of difference it is.
    pub fn kind(&self) -> DifferenceKind {
        self.kind
    }

    /// The table.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The column, unless it is about the table as a whole.
    pub fn column(&self) -> Option<&str> {
        self.column.as_deref()
    }

    /// What the struct needs.
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// What the table has.
    pub fn found(&self) -> &str {
        &self.found
    }

    /// The statements that fix it, with `;` between them. Where a database has none, a comment describes what to do.
    pub fn fix(&self) -> &str {
        &self.fix
    }

    /// Replaces statements that the database would refuse by words that say why. `key` has the columns of the model's key.
    pub(super) fn obstruct(&mut self, obstacles: &[Obstacle], key: &[&str]) {
        use DifferenceKind::{
            Generated, InexactKey, MissingKey, NoDefault, NotNullable, Nullable, WrongType,
        };
        let is_mine = |obstacle: &&Obstacle| match obstacle.prevents {
            Prevented::All => true,
            // Every column of the partition key must be in a unique key.
            Prevented::Key => self.kind == MissingKey && !key.contains(&&*obstacle.column),
            Prevented::Type => {
                matches!(self.kind, WrongType | InexactKey | Generated)
                    && self.column.as_ref() == Some(&obstacle.column)
            }
            Prevented::Null => {
                matches!(self.kind, NotNullable | Nullable | NoDefault)
                    && self.column.as_ref() == Some(&obstacle.column)
            }
        };
        // Numbers of an earlier version are only updated.
        let is_update = self.fix.starts_with("UPDATE") && self.kind == WrongType;
        if let Some(obstacle) = obstacles.iter().find(is_mine).filter(|_| !is_update) {
            self.fix = format!("-- {}", obstacle.why);
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.table)?;
        if let Some(column) = &self.column {
            write!(f, ".{column}")?;
        }
        write!(f, ": expected {}, found {}; ", self.expected, self.found)?;
        match self.fix.strip_prefix("-- ") {
            Some(words) => f.write_str(words),
            None => write!(f, "mend it with: {};", self.fix),
        }
    }
}
