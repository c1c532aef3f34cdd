//! Answers that are kept for the repetition of a write.

use std::sync::Arc;

use crate::params::Params;

/// A body and the ids in it.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) body: Vec<u8>,
    pub(crate) ids: Vec<Arc<str>>,
}

/// The answer to a POST that had an idempotency key.
#[derive(Debug)]
pub(crate) struct Replay {
    pub(crate) path: String,
    pub(crate) params: Params,
    pub(crate) page: Page,
}
