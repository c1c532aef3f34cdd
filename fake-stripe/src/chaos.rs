//! What may go wrong: faults, limits, rare behaviours, drift of the schema, and answers that a test puts in the place of the
//! fake's own. Settings, and how they are drawn; higher modules act on them.

pub(crate) mod canned;
pub(crate) mod drift;
pub(crate) mod faults;
pub(crate) mod limits;
pub(crate) mod nasty;
pub(crate) mod quirks;
