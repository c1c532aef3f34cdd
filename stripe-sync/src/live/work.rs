//! Work: objects that events are about are claimed, read and written.

pub(crate) mod claims;
pub(crate) mod objects;
pub(crate) mod process;
pub(crate) mod queues;
pub(crate) mod refresh;
pub(crate) mod snapshot;
pub(crate) mod worker;
