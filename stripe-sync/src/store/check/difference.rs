//! What differs between a model and its real table, and how to mend it.

use std::fmt;

use stripe_sync_schema::sql::quote;

use super::FoundColumn;
use crate::cell::CellType;
use crate::model::{Column, Model};
use crate::store::db::dialect::{DatabaseKind, Dialect};
use crate::store::db::place::Place;
use crate::store::ddl;

/// One thing in which the real table is not what the struct needs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    kind: DifferenceKind,
    table: String,
    column: Option<String>,
    expected: String,
    found: String,
    fix: String,
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

    /// The statement that mends it. Where a database has none, a comment says what to do.
    pub fn fix(&self) -> &str {
        &self.fix
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.table)?;
        if let Some(column) = &self.column {
            write!(f, ".{column}")?;
        }
        write!(
            f,
            ": expected {}, found {}; mend it with: {};",
            self.expected, self.found, self.fix
        )
    }
}

const SQLITE_CANNOT: &str =
    "-- SQLite cannot change a column: create a new table, copy the rows, and rename it";

/// Makes differences of one model on one database.
pub(super) struct Mend<'m> {
    pub(super) model: &'m Model,
    pub(super) database: DatabaseKind,
    place: &'m Place,
}

impl<'m> Mend<'m> {
    pub(super) fn new(model: &'m Model, place: &'m Place, database: DatabaseKind) -> Self {
        Self {
            model,
            place,
            database,
        }
    }

    pub(super) fn dialect(&self) -> &'static Dialect {
        self.database.dialect()
    }

    fn difference(
        &self,
        kind: DifferenceKind,
        column: Option<&str>,
        expected: impl Into<String>,
        found: impl Into<String>,
        fix: impl Into<String>,
    ) -> Difference {
        Difference {
            kind,
            table: self.place.name.clone(),
            column: column.map(str::to_owned),
            expected: expected.into(),
            found: found.into(),
            fix: fix.into(),
        }
    }

    fn quoted(&self, name: &str) -> String {
        quote(name, self.dialect().quote)
    }

    /// A change of one column, as each database writes it.
    fn alter(&self, postgres: &str, mysql: &str) -> String {
        match self.dialect().feature {
            "postgres" => format!("ALTER TABLE {} {postgres}", self.place.quoted),
            "mysql" => format!("ALTER TABLE {} {mysql}", self.place.quoted),
            _ => SQLITE_CANNOT.to_owned(),
        }
    }

    pub(super) fn missing_table(&self) -> Difference {
        let create = ddl::create_table(self.model, &self.place.table, self.database).join(";\n");
        self.difference(
            DifferenceKind::MissingTable,
            None,
            "a table",
            "none",
            create,
        )
    }

    pub(super) fn missing_column(&self, column: &Column) -> Difference {
        self.difference(
            DifferenceKind::MissingColumn,
            Some(column.name),
            ddl::sql_type(self.dialect(), column),
            "no such column",
            ddl::add_column(&self.place.quoted, self.dialect(), column),
        )
    }

    pub(super) fn missing_bookkeeping(&self, name: &str) -> Difference {
        let definition = ddl::bookkeeping_definition(self.dialect(), name);
        self.difference(
            DifferenceKind::MissingColumn,
            Some(name),
            (self.dialect().column_type)(ddl::bookkeeping_cell(name)),
            "no such column",
            format!("ALTER TABLE {} ADD COLUMN {definition}", self.place.quoted),
        )
    }

    pub(super) fn wrong_type(&self, column: &Column, found: &str) -> Difference {
        let expected = ddl::sql_type(self.dialect(), column);
        self.retyped(DifferenceKind::WrongType, column.name, &expected, found)
    }

    pub(super) fn wrong_bookkeeping(&self, name: &str, found: &str) -> Difference {
        let expected = (self.dialect().column_type)(ddl::bookkeeping_cell(name));
        self.retyped(DifferenceKind::WrongType, name, expected, found)
    }

    pub(super) fn inexact_key(&self, column: &Column, found: &FoundColumn) -> Difference {
        let expected = ddl::sql_type(self.dialect(), column);
        let found = match &found.collation {
            Some(collation) => format!("{} COLLATE {collation}", found.sql_type),
            None => found.sql_type.clone(),
        };
        self.retyped(DifferenceKind::InexactKey, column.name, &expected, &found)
    }

    fn retyped(&self, kind: DifferenceKind, name: &str, expected: &str, found: &str) -> Difference {
        let column = self.quoted(name);
        let fix = self.alter(
            &format!("ALTER COLUMN {column} TYPE {expected} USING {column}::{expected}"),
            &format!("MODIFY COLUMN {column} {expected}"),
        );
        self.difference(kind, Some(name), expected, found, fix)
    }

    pub(super) fn not_nullable(&self, name: &str, sql_type: &str) -> Difference {
        let column = self.quoted(name);
        let fix = self.alter(
            &format!("ALTER COLUMN {column} DROP NOT NULL"),
            &format!("MODIFY COLUMN {column} {sql_type} NULL"),
        );
        self.difference(
            DifferenceKind::NotNullable,
            Some(name),
            "a column that accepts NULL",
            format!("{sql_type} NOT NULL"),
            fix,
        )
    }

    pub(super) fn nullable(&self, name: &str, sql_type: &str) -> Difference {
        let column = self.quoted(name);
        let fix = self.alter(
            &format!("ALTER COLUMN {column} SET DEFAULT 0, ALTER COLUMN {column} SET NOT NULL"),
            &format!("MODIFY COLUMN {column} {sql_type} NOT NULL DEFAULT 0"),
        );
        self.difference(
            DifferenceKind::Nullable,
            Some(name),
            format!("{sql_type} NOT NULL DEFAULT 0"),
            format!("{sql_type} that accepts NULL"),
            fix,
        )
    }

    pub(super) fn no_default(
        &self,
        name: &str,
        sql_type: &str,
        cell: Option<CellType>,
    ) -> Difference {
        let column = self.quoted(name);
        let fix = match cell {
            Some(cell) => {
                let zero = (self.dialect().zero)(cell);
                self.alter(
                    &format!("ALTER COLUMN {column} SET DEFAULT {zero}"),
                    &format!("ALTER COLUMN {column} SET DEFAULT {zero}"),
                )
            }
            None => self.alter(
                &format!("ALTER COLUMN {column} DROP NOT NULL"),
                &format!("MODIFY COLUMN {column} {sql_type} NULL"),
            ),
        };
        self.difference(
            DifferenceKind::NoDefault,
            Some(name),
            "a default, or a column that accepts NULL: a sync inserts rows without it",
            format!("{sql_type} NOT NULL"),
            fix,
        )
    }

    pub(super) fn missing_key(&self, keys: &[Vec<String>]) -> Difference {
        let names = ddl::key(self.model);
        let key: Vec<String> = names.iter().map(|name| self.quoted(name)).collect();
        let key = key.join(", ");
        let found = match keys {
            [] => "no unique key".to_owned(),
            keys => {
                let keys: Vec<String> = keys
                    .iter()
                    .map(|columns| format!("({})", columns.join(", ")))
                    .collect();
                format!("unique keys {}", keys.join(", "))
            }
        };
        let fix = match self.dialect().feature {
            "sqlite" => {
                let name = self.quoted(&format!("{}_stripe_key", self.place.table.name()));
                let schema = self.place.table.schema();
                // An index is named in its database file, and its table without it.
                let schema = schema.map_or(String::new(), |schema| self.quoted(schema) + ".");
                let table = self.quoted(self.place.table.name());
                format!("CREATE UNIQUE INDEX {schema}{name} ON {table} ({key})")
            }
            _ => format!("ALTER TABLE {} ADD UNIQUE ({key})", self.place.quoted),
        };
        self.difference(
            DifferenceKind::MissingKey,
            None,
            format!("a unique key on exactly ({})", names.join(", ")),
            found,
            fix,
        )
    }
}
