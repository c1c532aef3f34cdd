//! Tests of the two doors, and of transactions that meet.

pub(crate) mod begun;
pub(crate) mod contention;
pub(crate) mod doors;
pub(crate) mod sessions;
