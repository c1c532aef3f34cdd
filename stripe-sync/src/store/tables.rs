//! The bookkeeping tables: they are made what this program knows before it uses them.
//!
//! Their list and the text of their statements are [`stripe_sync_schema::bookkeeping`]; here is what runs it.
pub(crate) mod check;
pub(crate) mod clock;
pub(crate) mod comments;
pub(crate) mod create;
pub(crate) mod cursors;
pub(crate) mod filter;
pub(crate) mod indexes;
pub(crate) mod lease;
pub(crate) mod lock;
pub(crate) mod owner;

pub(crate) mod prepare;
pub(crate) mod schema;
#[cfg(test)]
mod tests;
pub(crate) mod verifications;

pub(crate) use lease::RunLease;
pub(crate) use lock::{Hold, LockedTable};

use stripe_sync_schema::bookkeeping::Bookkeeping;
pub use stripe_sync_schema::bookkeeping::{Placement, PlacementError, TablesError};

use crate::store::db::DatabaseKind;

/// The statements that create the bookkeeping tables in an empty database, in their order, as a migration of one's own
/// may hold them. Each may be repeated.
///
/// They are not for a database in which a version of `stripe-sync` without the table `version` left tables: those are
/// brought up to date by a program that may create tables.
///
/// A role that has them created by another one needs `SELECT`, `INSERT`, `UPDATE` and `DELETE` on the tables; on PostgreSQL
/// also `USAGE` on their schema, and `EXECUTE` on the two functions where that was taken from `PUBLIC`. PostgreSQL has to be
/// 14 or newer.
///
/// ```
/// # #[cfg(feature = "postgres")] {
/// use stripe_sync::{DatabaseKind, Placement, bookkeeping_statements};
///
/// let placement = Placement::default().schema("stripe");
/// let migration = bookkeeping_statements(DatabaseKind::Postgres, &placement).join(";\n\n");
/// assert!(migration.starts_with("CREATE SCHEMA IF NOT EXISTS \"stripe\""));
/// # }
/// ```
#[must_use]
pub fn bookkeeping_statements(kind: DatabaseKind, placement: &Placement) -> Vec<String> {
    Bookkeeping::new(kind.sql(), placement).statements()
}
