//! The statements that mend a table.

use stripe_sync_schema::sql::Database;
use stripe_sync_schema::table::HASH;

use crate::cell::CellType;
use crate::model::Model;
use crate::store::db::{DatabaseKind, FoundColumn, MICROSECONDS_FROM, Place, TableColumn};
use crate::store::tables::check::conversion::{self, Conversion, moment_of_number, scale};
use crate::store::tables::check::difference::{Difference, DifferenceKind};
use crate::store::tables::create;

/// Makes differences of one model on one database.
pub(crate) struct Mend<'m> {
    pub(crate) model: &'m Model,
    pub(crate) database: DatabaseKind,
    pub(crate) place: &'m Place,
    /// The columns of the real table.
    pub(crate) found: &'m [FoundColumn],
    /// Whether the schema of a namespace is there, or there is none to create.
    pub(crate) has_schema: bool,
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
    fn alter(&self, found: &FoundColumn, change: Change<'_>) -> String {
        let (table, column) = (&self.place.quoted, self.quoted(&found.name));
        let sql_type = &*found.sql_type;
        // A column that is written anew is so in the collation that it has.
        let collation = found.collation.as_ref();
        let collation =
            collation.map_or(String::new(), |collation| format!(" COLLATE {collation}"));
        // No row may hold what the column is about to refuse.
        let filled =
            format!("UPDATE {table} SET {column} = 0 WHERE {column} IS NULL; ALTER TABLE {table}");
        match (self.database.sql(), change) {
            (Database::Postgres, Change::To(other, value)) => {
                let cast = format!("{column}::{other}");
                let value = value.unwrap_or(&cast);
                // A default of the old type may not fit the new one.
                let first = match found.has_default {
                    true => format!("ALTER COLUMN {column} DROP DEFAULT, "),
                    false => String::new(),
                };
                format!(
                    "ALTER TABLE {table} {first}ALTER COLUMN {column} TYPE {other} USING {value}"
                )
            }
            (Database::Postgres, Change::AcceptNull) => {
                format!("ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL")
            }
            (Database::Postgres, Change::RefuseNull) => {
                format!(
                    "{filled} ALTER COLUMN {column} SET DEFAULT 0, ALTER COLUMN {column} SET NOT NULL"
                )
            }
            (Database::Postgres | Database::MySql, Change::Default(zero)) => {
                format!("ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {zero}")
            }
            (Database::MySql, Change::To(other, _)) => {
                format!("ALTER TABLE {table} MODIFY COLUMN {column} {other}")
            }
            (Database::MySql, Change::AcceptNull) => {
                format!("ALTER TABLE {table} MODIFY COLUMN {column} {sql_type}{collation} NULL")
            }
            (Database::MySql, Change::RefuseNull) => {
                format!("{filled} MODIFY COLUMN {column} {sql_type} NOT NULL DEFAULT 0")
            }
            (Database::Sqlite, Change::To(other, _)) => {
                let again = self
                    .again()
                    .map_or(String::new(), |again| format!(", {again}"));
                self.anew(&column, other, &format!("{column}{again}"))
            }
            (Database::Sqlite, Change::AcceptNull) => self.anew(&column, sql_type, &column),
            (Database::Sqlite, Change::RefuseNull) => {
                let value = format!("COALESCE({column}, 0)");
                self.anew(&column, &format!("{sql_type} NOT NULL DEFAULT 0"), &value)
            }
            (Database::Sqlite, Change::Default(zero)) => self.anew(
                &column,
                &format!("{sql_type} NOT NULL DEFAULT {zero}"),
                &column,
            ),
        }
    }

    /// SQLite changes no column, so another one takes its place.
    fn anew(&self, column: &str, sql_type: &str, value: &str) -> String {
        let table = &self.place.quoted;
        let new = self.quoted("stripe_sync_new");
        format!(
            "ALTER TABLE {table} ADD COLUMN {new} {sql_type}; UPDATE {table} SET {new} = {value}; \
             ALTER TABLE {table} DROP COLUMN {column}; ALTER TABLE {table} RENAME COLUMN {new} TO {column}"
        )
    }

    /// What makes the next run write every row once more, if there is a hash that says that rows are as they were.
    fn again(&self) -> Option<String> {
        let has_hash = self
            .found
            .iter()
            .any(|found| found.nullable && found.name.eq_ignore_ascii_case(HASH));
        (has_hash && !self.model.parts.unversioned).then(|| format!("{} = NULL", self.quoted(HASH)))
    }

    /// An empty column in the place of one whose values are of no use: the next run fills it. What only the application knows
    /// it has to convert itself.
    fn emptied(&self, column: &TableColumn, found: &FoundColumn) -> String {
        if column.local {
            return format!(
                "-- no statement converts {} to {}: the values are the application's own, so add a column, fill it, and \
                 drop this one",
                found.sql_type, column.sql_type
            );
        }
        let (table, name) = (&self.place.quoted, self.quoted(&found.name));
        let mut fix = match self.database.sql() {
            Database::Sqlite => format!(
                "ALTER TABLE {table} DROP COLUMN {name}; ALTER TABLE {table} ADD COLUMN {name} {}",
                column.sql_type
            ),
            _ => format!(
                "ALTER TABLE {table} DROP COLUMN {name}, ADD COLUMN {name} {}",
                column.sql_type
            ),
        };
        if let Some(again) = self.again() {
            fix += &format!("; UPDATE {table} SET {again}");
        }
        fix
    }

    /// A column whose values the database computes.
    pub(crate) fn generated(&self, column: &TableColumn, found: &FoundColumn) -> Difference {
        let name = self.quoted(&found.name);
        let fix = match self.database.sql() {
            Database::Postgres => format!(
                "ALTER TABLE {} ALTER COLUMN {name} DROP EXPRESSION IF EXISTS, ALTER COLUMN {name} DROP IDENTITY IF EXISTS",
                self.place.quoted
            ),
            _ => self.emptied(column, found),
        };
        let expected = "a column that can be written to".to_owned();
        let what = format!("{}, computed by the database", found.sql_type);
        self.difference(
            DifferenceKind::Generated,
            Some(&found.name),
            [expected, what, fix],
        )
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
        let fix = self.alter(found, change);
        self.difference(kind, Some(&found.name), [expected.to_owned(), what, fix])
    }

    pub(crate) fn missing_table(&self) -> Difference {
        let table = &self.place.table;
        // Without the right to create schemas, IF NOT EXISTS is refused even if the schema is there.
        let create = match self.has_schema {
            true => create::create_in_schema(self.model, table, self.database),
            false => create::create_table(self.model, table, self.database),
        };
        let texts = ["a table".to_owned(), "none".to_owned(), create.join(";\n")];
        self.difference(DifferenceKind::MissingTable, None, texts)
    }

    pub(crate) fn missing_column(&self, column: &TableColumn) -> Difference {
        let add = create::add_column(&self.place.quoted, self.database, column);
        let texts = [column.sql_type.clone(), "no such column".to_owned(), add];
        self.difference(DifferenceKind::MissingColumn, Some(column.name), texts)
    }

    pub(crate) fn wrong_type(&self, column: &TableColumn, found: &FoundColumn) -> Difference {
        let expected = &*column.sql_type;
        let (table, quoted) = (&self.place.quoted, self.quoted(&found.name));
        let conversion = match self.database.sql() {
            Database::Postgres => conversion::on_postgres(column.cell, expected, &quoted, found),
            Database::MySql => conversion::on_mysql(column.cell, found),
            Database::Sqlite => Conversion::Cast,
        };
        let fix = match conversion {
            Conversion::None => self.emptied(column, found),
            Conversion::Cast => self.alter(found, Change::To(expected, None)),
            Conversion::Value(value) => self.alter(found, Change::To(expected, Some(&value))),
        };
        let fix = match scale(column.cell, found).filter(|_| self.database.sql() == Database::MySql)
        {
            // MODIFY would round.
            Some(places) => format!(
                "ALTER TABLE {table} MODIFY COLUMN {quoted} DECIMAL(65,{places}); \
                 UPDATE {table} SET {quoted} = {quoted} * {factor}; {fix}",
                factor = 10_i64.pow(places),
            ),
            None => fix,
        };
        let texts = [expected.to_owned(), found.sql_type.clone(), fix];
        self.difference(DifferenceKind::WrongType, Some(&found.name), texts)
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
            Database::MySql => format!(
                "ALTER TABLE {} {}ADD UNIQUE ({key})",
                self.place.quoted,
                self.bounded_key(&names)
            ),
            Database::Postgres => format!("ALTER TABLE {} ADD UNIQUE ({key})", self.place.quoted),
        };
        let expected = format!("a unique key on exactly ({})", names.join(", "));
        self.difference(DifferenceKind::MissingKey, None, [expected, found, fix])
    }

    /// Gives the texts of a key a length, which MySQL wants of them.
    fn bounded_key(&self, names: &[&str]) -> String {
        let texts = self.found.iter().filter(|found| {
            found.base.ends_with("text")
                && names
                    .iter()
                    .any(|name| name.eq_ignore_ascii_case(&found.name))
        });
        let key_text = self.database.dialect().key_text;
        let modify = |found: &FoundColumn| {
            format!(
                "MODIFY COLUMN {} {key_text} NOT NULL, ",
                self.quoted(&found.name)
            )
        };
        texts.map(modify).collect()
    }
}

/// The statement that gives a column of MySQL another type.
pub(super) fn retype(place: &Place, column: &str, sql_type: &str, nullable: bool) -> String {
    let null = if nullable { "NULL" } else { "NOT NULL" };
    let table = &place.quoted;
    format!("ALTER TABLE {table} MODIFY COLUMN {column} {sql_type} {null}")
}
