//! The bookkeeping tables: one list, from which the statements of each database follow.
//!
//! A statement names them as `$tables`, `$events` and so on, and [`Placement::expand`] puts the names in. A process
//! [looks](look::look) what a database has, [plans](plan::plan) what it lacks, and takes the [lock](lock::lock) only if that
//! is anything.

mod bookkeeping;
mod ddl;
mod error;
mod lock;
mod look;
mod migration;
mod placement;
mod plan;
mod prepare;
mod table;
#[cfg(test)]
mod tests;
#[cfg(feature = "postgres")]
mod tokens;

pub use ddl::bookkeeping_statements;
pub use error::TablesError;
pub use placement::{Placement, PlacementError};
