//! What is to be done so that the bookkeeping tables are those that this program knows.

use super::error::TablesError;
use super::list::{CLOCK, NEXT_TOKEN, OLD_INDEXES, SKIP_TOKENS, VERSION, VERSION_TABLE, tables};
use super::look::Found;
use super::{Bookkeeping, Column, Table};
use crate::sql::Database;

impl Bookkeeping<'_> {
    /// Returns the statements that create the bookkeeping tables in an empty database, in their order, as a migration of
    /// one's own may hold them. Each may be repeated.
    ///
    /// ```
    /// use stripe_sync_schema::bookkeeping::{Bookkeeping, Placement};
    /// use stripe_sync_schema::sql::Database;
    ///
    /// let placement = Placement::default().schema("stripe");
    /// let statements = Bookkeeping::new(Database::Postgres, &placement).statements();
    /// assert_eq!(statements[0], "CREATE SCHEMA IF NOT EXISTS \"stripe\"");
    /// ```
    #[must_use]
    pub fn statements(self) -> Vec<String> {
        self.missing(&Found::default(), None)
    }

    /// Returns the statements that are missing, in their order; none if the tables are those that this program knows.
    ///
    /// `found` and `version` are the answers to [`look`](Self::look) and to [`version`](Self::version). What follows from
    /// them holds as long as nobody else creates tables: whoever runs the statements takes the [lock](super::Lock), asks
    /// once more and plans once more. They may be stopped anywhere: a new plan goes on from there.
    ///
    /// # Errors
    /// When a newer program changed the tables, or a table has not the columns of its version.
    pub fn plan(self, found: &Found, version: Option<i64>) -> Result<Vec<String>, TablesError> {
        match version {
            Some(found) if found > VERSION => {
                return Err(TablesError::Newer {
                    table: self.table(VERSION_TABLE),
                    found,
                    known: VERSION,
                });
            }
            Some(VERSION) => {
                for table in tables() {
                    self.check_columns(found, table)?;
                }
            }
            _ => {}
        }
        Ok(self.missing(found, version))
    }

    /// What is missing of tables that are of a version, or of version 0 if they do not say so.
    fn missing(self, found: &Found, version: Option<i64>) -> Vec<String> {
        let current = version == Some(VERSION);
        let mut statements = Vec::new();
        if !found.schema {
            statements.extend(self.create_schema());
        }
        if !current {
            statements.extend(self.alterations(found, version));
        }
        for table in tables() {
            match self.is_whole(found, table) {
                true => statements.extend(self.additions(found, table)),
                false => statements.extend(self.create(table)),
            }
        }
        if !current {
            statements.extend(self.copies(found, version));
        }
        // Behind the copies: a row that was copied stays.
        if !current || !statements.is_empty() {
            statements.extend(self.seeds());
        }
        if !current {
            statements.push(self.version_row(version));
        }
        statements
    }

    /// What a table that is there lacks of what was added to its version: columns that who does not know them need not
    /// write, and indexes; and indexes that it has no more.
    fn additions(self, found: &Found, table: &Table) -> Vec<String> {
        let added = table.columns.iter().filter(|column| {
            // A column that older versions lack is the migration's.
            column.added && !found.has_column(table.name, column.name)
        });
        let add = |column| {
            let (table, definition) = (self.table(table.name), self.definition(column));
            format!("ALTER TABLE {table} ADD COLUMN {definition}")
        };
        let mut statements: Vec<String> = added.map(add).collect();
        let missing = table.indexes.iter();
        let missing = missing.filter(|index| !found.has_index(index.name));
        statements.extend(missing.map(|index| self.create_index(table, index)));
        let old = OLD_INDEXES.iter();
        let old = old.filter(|(of, index)| *of == table.name && found.has_index(index));
        statements.extend(old.map(|(of, index)| self.drop_index(of, index)));
        statements
    }

    /// Whether a table and all that belongs to it is there.
    fn is_whole(self, found: &Found, table: &Table) -> bool {
        let functions = match self.is_sequence(table) {
            true => &[NEXT_TOKEN, SKIP_TOKENS][..],
            false => &[],
        };
        found.has(table.name) && functions.iter().all(|name| found.has(name))
    }

    fn is_sequence(self, table: &Table) -> bool {
        self.database == Database::Postgres && table.name == CLOCK
    }

    fn check_columns(self, found: &Found, table: &Table) -> Result<(), TablesError> {
        if self.is_sequence(table) || !found.has(table.name) {
            return Ok(());
        }
        let mut columns = table.columns.iter();
        let lacks = |column: &&Column| !column.added && !found.has_column(table.name, column.name);
        match columns.find(lacks) {
            None => Ok(()),
            Some(column) => Err(TablesError::MissingColumn {
                table: self.table(table.name),
                column: column.name,
                version: VERSION,
            }),
        }
    }
}
