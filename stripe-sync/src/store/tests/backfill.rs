//! Tests of what runs keep.

pub(crate) mod shares;
pub(crate) mod walks;
