//! Answers that are kept for the repetition of a write.

use std::sync::Arc;

use crate::data::partition::Scope;
use crate::params::Params;
use crate::state::State;

/// How long Stripe keeps a key: a day. After that it can be used for something else.
const KEPT: i64 = 86_400;

/// A body and the ids in it.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) body: Vec<u8>,
    pub(crate) ids: Vec<Arc<str>>,
}

/// The answer to a POST that had an idempotency key.
#[derive(Debug, Clone)]
pub(crate) struct Replay {
    pub(crate) path: String,
    /// In an order that does not depend on that of the request.
    pub(crate) params: Params,
    pub(crate) page: Page,
    /// The id of the request that was answered first.
    pub(crate) request: String,
    /// The fake's time then.
    pub(crate) at: i64,
}

/// The call that a change comes from.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    pub(crate) request: String,
    pub(crate) idempotency_key: Option<String>,
}

impl State {
    /// What was answered to this key of this account before, if that is not too long ago.
    pub(crate) fn replay(&mut self, scope: &Scope, key: &str) -> Option<Replay> {
        let now = self.now;
        self.replays
            .retain(|_, replay| now.saturating_sub(replay.at) < KEPT);
        self.replays.get(&(scope.clone(), key.to_owned())).cloned()
    }
}
