//! The road to the database: what a table holds, and how rows reach it.
//!
//! The store knows nothing of HTTP and is not generic over the model: it works on a [`Model`](crate::model::Model), on rows of
//! cells and on ids. [`db`] is the ground, with the two doors through which all work goes. What differs between databases
//! is in `sqlite`, `postgres` and `mysql`, the same items in each; everything else is written once, over
//! [`Conn`](db::connection::Conn).
pub(crate) mod backfill;
#[cfg(feature = "live")]
pub(crate) mod events;
pub(crate) mod rows;

pub(crate) mod db;
pub(crate) mod tables;
#[cfg(test)]
mod tests;

pub use backfill::phase::BackfillPhase;
pub use db::dialect::DatabaseKind;
pub use db::error::{PoolerTrouble, StoreError};
pub use db::store::{IntoStore, Store};
pub use rows::remarks::failed::{FailedRow, Failure};
pub use tables::check::difference::{Difference, DifferenceKind};
pub use tables::check::missing_index::MissingIndex;
pub use tables::{Placement, PlacementError, TablesError, bookkeeping_statements};
