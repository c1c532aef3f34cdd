//! What a backfill run keeps in the database: its row, its slices, the ids that its lists showed, and its finalizer.

pub(crate) mod finalize;
pub(crate) mod followed_events;
pub(crate) mod listed;
pub(crate) mod phase;
pub(crate) mod rate_members;
pub(crate) mod rider;
pub(crate) mod run;
pub(crate) mod slices;
pub(crate) mod unseen;

pub(crate) use phase::BackfillPhase;
pub(crate) use rider::PageState;
pub(crate) use run::NOBODY;
pub(crate) use slices::{Advance, NewSlice};
