//! What differs between a model and its real table, and how to mend it.

use std::fmt;

use stripe_sync_schema::sql::Database;

use crate::cell::CellType;
use crate::model::Model;
use crate::store::db::{DatabaseKind, FoundColumn, MICROSECONDS_FROM, Place, TableColumn};
use crate::store::tables::check::conversion::{converted, moment_of_number, scale};
use crate::store::tables::create;

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

    /// The statement that fixes it. Where a database has none, a comment describes what to do.
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

/// Makes differences of one model on one database.
pub(crate) struct Mend<'m> {
    pub(crate) model: &'m Model,
    pub(crate) database: DatabaseKind,
    pub(crate) place: &'m Place,
}

/// A change of one column.
enum Change<'c> {
    /// Its type, and what the column holds then, if a cast would change it.
    To(&'c str, Option<&'c str>),
    AcceptNull,
    RefuseNull,
    Default(&'static str),
}

impl<'m> Mend<'m> {
    fn difference(
        &self,
        kind: DifferenceKind,
        column: Option<&str>,
        [expected, found, fix]: [String; 3],
    ) -> Difference {
        Difference {
            kind,
            table: self.place.name.clone(),
            column: column.map(str::to_owned),
            expected,
            found,
            fix,
        }
    }

    fn quoted(&self, name: &str) -> String {
        self.database.sql().quote(name)
    }

    /// A change of one column, as each database writes it.
    fn alter(&self, name: &str, sql_type: &str, change: Change<'_>) -> String {
        let column = self.quoted(name);
        let (postgres, mysql) = match change {
            Change::To(other, value) => {
                let cast = format!("{column}::{other}");
                let value = value.unwrap_or(&cast);
                (
                    format!("ALTER COLUMN {column} TYPE {other} USING {value}"),
                    format!("MODIFY COLUMN {column} {other}"),
                )
            }
            Change::AcceptNull => (
                format!("ALTER COLUMN {column} DROP NOT NULL"),
                format!("MODIFY COLUMN {column} {sql_type} NULL"),
            ),
            Change::RefuseNull => (
                format!("ALTER COLUMN {column} SET DEFAULT 0, ALTER COLUMN {column} SET NOT NULL"),
                format!("MODIFY COLUMN {column} {sql_type} NOT NULL DEFAULT 0"),
            ),
            Change::Default(zero) => {
                let set = format!("ALTER COLUMN {column} SET DEFAULT {zero}");
                (set.clone(), set)
            }
        };
        let table = &self.place.quoted;
        match self.database.sql() {
            Database::Postgres => format!("ALTER TABLE {table} {postgres}"),
            Database::MySql => format!("ALTER TABLE {table} {mysql}"),
            Database::Sqlite => {
                "-- SQLite cannot change a column: create a new table, copy the rows, and rename it"
                    .to_owned()
            }
        }
    }

    /// A difference of a column that is there: `what` follows the type that was found.
    fn column(
        &self,
        kind: DifferenceKind,
        found: &FoundColumn,
        change: Change<'_>,
        expected: &str,
        what: &str,
    ) -> Difference {
        let what = format!("{}{what}", found.sql_type);
        let fix = self.alter(&found.name, &found.sql_type, change);
        self.difference(kind, Some(&found.name), [expected.to_owned(), what, fix])
    }

    pub(crate) fn missing_table(&self) -> Difference {
        let create = create::create_table(self.model, &self.place.table, self.database).join(";\n");
        let texts = ["a table".to_owned(), "none".to_owned(), create];
        self.difference(DifferenceKind::MissingTable, None, texts)
    }

    pub(crate) fn missing_column(&self, column: &TableColumn) -> Difference {
        let add = create::add_column(&self.place.quoted, self.database, column);
        let texts = [column.sql_type.clone(), "no such column".to_owned(), add];
        self.difference(DifferenceKind::MissingColumn, Some(column.name), texts)
    }

    pub(crate) fn wrong_type(&self, column: &TableColumn, found: &FoundColumn) -> Difference {
        let expected = &*column.sql_type;
        let quoted = self.quoted(&found.name);
        let converted = converted(column.cell, expected, &quoted, found);
        let change = Change::To(expected, converted.as_deref());
        let mut difference = self.column(DifferenceKind::WrongType, found, change, expected, "");
        if let (true, Some(places)) = (
            self.database.sql() == Database::MySql,
            scale(column.cell, found),
        ) {
            // MODIFY would round.
            difference.fix = format!(
                "ALTER TABLE {table} MODIFY COLUMN {quoted} DECIMAL(65,{places}); \
                 UPDATE {table} SET {quoted} = {quoted} * {factor}; {fix}",
                table = self.place.quoted,
                factor = 10_i64.pow(places),
                fix = difference.fix
            );
        }
        difference
    }

    /// A column that is too short for every value.
    pub(crate) fn too_short(
        &self,
        column: &TableColumn,
        found: &FoundColumn,
        least: i64,
    ) -> Difference {
        let fits = match column.own_type {
            true => format!("varchar({least})"),
            false => column.sql_type.clone(),
        };
        let expected = format!("a column of at least {least} characters");
        let change = Change::To(&fits, None);
        self.column(DifferenceKind::WrongType, found, change, &expected, "")
    }

    /// A column of moments that holds numbers as an earlier version wrote them.
    pub(crate) fn old_numbers(&self, column: &TableColumn, found: &FoundColumn) -> Difference {
        let name = self.quoted(&found.name);
        let model = self.model.columns().iter();
        let zulu = model.clone().any(|one| one.name == column.name && one.zulu);
        let (expected, what, value, only) = if column.own_type {
            (
                "Unix seconds",
                "Unix microseconds",
                format!("{name} / 1000000"),
                format!(" AND abs({name}) >= {MICROSECONDS_FROM}"),
            )
        } else {
            (
                "times as texts, or #[stripe(sql_type = \"integer\")] on the field for Unix seconds",
                "times as numbers",
                moment_of_number(&name, zulu),
                String::new(),
            )
        };
        let fix = format!(
            "UPDATE {} SET {name} = {value} WHERE typeof({name}) = 'integer'{only}",
            self.place.quoted
        );
        let texts = [
            expected.to_owned(),
            format!("{} with {what}", found.sql_type),
            fix,
        ];
        self.difference(DifferenceKind::WrongType, Some(&found.name), texts)
    }

    pub(crate) fn inexact_key(&self, column: &TableColumn, found: &FoundColumn) -> Difference {
        let collation = found.collation.as_ref();
        let what = collation.map_or(String::new(), |collation| format!(" COLLATE {collation}"));
        let expected = &*column.sql_type;
        let change = Change::To(expected, None);
        self.column(DifferenceKind::InexactKey, found, change, expected, &what)
    }

    pub(crate) fn not_nullable(&self, found: &FoundColumn) -> Difference {
        let expected = "a column that accepts NULL";
        let what = " NOT NULL";
        let change = Change::AcceptNull;
        self.column(DifferenceKind::NotNullable, found, change, expected, what)
    }

    pub(crate) fn nullable(&self, found: &FoundColumn) -> Difference {
        let expected = format!("{} NOT NULL DEFAULT 0", found.sql_type);
        let what = " that accepts NULL";
        let change = Change::RefuseNull;
        self.column(DifferenceKind::Nullable, found, change, &expected, what)
    }

    pub(crate) fn no_default(&self, found: &FoundColumn, cell: Option<CellType>) -> Difference {
        let expected = "a default, or a column that accepts NULL: a sync inserts rows without it";
        let what = " NOT NULL";
        let change = match cell {
            Some(cell) => Change::Default(self.database.driver().zero(cell)),
            None => Change::AcceptNull,
        };
        self.column(DifferenceKind::NoDefault, found, change, expected, what)
    }

    pub(crate) fn missing_key(&self, keys: &[Vec<String>]) -> Difference {
        let names = create::key(self.model);
        let key: Vec<String> = names.iter().map(|name| self.quoted(name)).collect();
        let key = key.join(", ");
        let bracketed = keys.iter().map(|key| format!("({})", key.join(", ")));
        let found = match keys {
            [] => "no unique key".to_owned(),
            _ => format!("unique keys {}", bracketed.collect::<Vec<_>>().join(", ")),
        };
        let fix = match self.database.sql() {
            Database::Sqlite => {
                let name = self.quoted(&format!("{}_stripe_key", self.place.table.name()));
                let schema = self.place.table.schema();
                // An index is named in its database file, and its table without it.
                let schema = schema.map_or(String::new(), |schema| self.quoted(schema) + ".");
                let table = self.quoted(self.place.table.name());
                format!("CREATE UNIQUE INDEX {schema}{name} ON {table} ({key})")
            }
            _ => format!("ALTER TABLE {} ADD UNIQUE ({key})", self.place.quoted),
        };
        let expected = format!("a unique key on exactly ({})", names.join(", "));
        self.difference(DifferenceKind::MissingKey, None, [expected, found, fix])
    }
}
