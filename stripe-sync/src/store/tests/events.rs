//! Tests of what live events keep.

pub(crate) mod lanes;
pub(crate) mod plans;
pub(crate) mod positions;
