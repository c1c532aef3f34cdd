//! Tests of what runs keep.

pub(crate) mod runs;
pub(crate) mod shares;
