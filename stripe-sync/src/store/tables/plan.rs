//! What is to be done so that the bookkeeping tables are those that this program knows.

use super::bookkeeping::{CLOCK, VERSION, tables};
use super::error::TablesError;
use super::look::Found;
use super::placement::Placement;
use super::{ddl, migration};
use crate::store::DatabaseKind;

/// The statements that are missing, in their order; none if the tables are those that this program knows.
///
/// `found` and `version` are the answers to the two questions of [`look`](super::look). What follows from them holds as
/// long as nobody else creates tables: whoever runs the statements takes the [lock](super::lock), asks once more and plans
/// once more. They may be stopped anywhere: a new plan goes on from there.
///
/// # Errors
/// When a newer program changed the tables, or a table has not the columns of its version.
pub(in crate::store) fn plan(
    kind: DatabaseKind,
    placement: &Placement,
    found: &Found,
    version: Option<i64>,
) -> Result<Vec<String>, TablesError> {
    let current = match version {
        Some(found) if found > VERSION => {
            return Err(TablesError::Newer {
                table: placement.table(kind, "version"),
                found,
                known: VERSION,
            });
        }
        version => version == Some(VERSION),
    };
    if current {
        check_columns(kind, placement, found)?;
    }
    let mut statements = Vec::new();
    if !found.has_schema(placement) {
        statements.extend(ddl::schema(kind, placement));
    }
    if !current {
        statements.extend(migration::alterations(kind, placement, found));
    }
    for table in tables() {
        if !found.is_whole(kind, placement, table) {
            statements.extend(ddl::creation(kind, placement, table));
        }
    }
    if !current {
        statements.extend(migration::copies(kind, placement, found));
    }
    // Behind the copies: a row that was copied stays.
    if !current || !statements.is_empty() {
        statements.extend(ddl::seeds(kind, placement));
    }
    if !current {
        statements.push(ddl::version_row(kind, placement));
    }
    Ok(statements)
}

fn check_columns(
    kind: DatabaseKind,
    placement: &Placement,
    found: &Found,
) -> Result<(), TablesError> {
    let sequence = |name| kind.is_postgres() && name == CLOCK;
    for table in tables() {
        if sequence(table.name) || !found.has(placement, table.name) {
            continue;
        }
        let missing = table
            .columns
            .iter()
            .find(|column| !found.has_column(placement, table.name, column.name));
        if let Some(column) = missing {
            return Err(TablesError::MissingColumn {
                table: placement.table(kind, table.name),
                column: column.name,
                version: VERSION,
            });
        }
    }
    Ok(())
}
