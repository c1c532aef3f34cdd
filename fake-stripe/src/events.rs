//! Events: which ones a change makes, and their forms. Recording and sending them is the business of higher modules.

pub(crate) mod thin;
pub(crate) mod types;
pub(crate) mod versions;
