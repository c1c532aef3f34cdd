//! Rows of the mirrored tables: how they are compared, written and deleted, and what is remembered of single objects.

pub(crate) mod delete;
pub(crate) mod hooked;
pub(crate) mod outcome;
#[cfg(feature = "live")]
pub(crate) mod presence;
pub(crate) mod reconcile;
pub(crate) mod references;
pub(crate) mod refusal;
pub(crate) mod remap;
pub(crate) mod remarks;
pub(crate) mod rider;
pub(crate) mod sets;
pub(crate) mod stored;
pub(crate) mod time;
pub(crate) mod upsert;
pub(crate) mod write;

pub(crate) use outcome::Written;
pub(crate) use reconcile::RowPlan;
pub(crate) use remarks::failed::Failure;
pub(crate) use rider::{ChangeKind, Changes, Rider};
pub(crate) use stored::WantedColumns;
pub(crate) use write::{Job, KeyedRow};
