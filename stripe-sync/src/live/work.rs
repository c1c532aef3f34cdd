//! Work: objects that events are about are claimed, read and written.

pub(crate) mod children;
pub(crate) mod objects;
pub(crate) mod process;
pub(crate) mod queues;
pub(crate) mod refresh;
pub(crate) mod snapshot;

pub(crate) use refresh::Refresh;
