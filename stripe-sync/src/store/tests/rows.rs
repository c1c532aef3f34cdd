//! Tests of rows that are written, compared and deleted.

pub(crate) mod changes;
pub(crate) mod deletions;
pub(crate) mod freshness;
pub(crate) mod keys;
pub(crate) mod refusals;
pub(crate) mod unasked;
pub(crate) mod values;
