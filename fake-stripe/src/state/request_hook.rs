//! Request hooks: a test's own code that runs in the middle of a request.

use std::fmt;
use std::sync::Arc;

use crate::params::Params;
use crate::state::account::FakeAccount;

/// When a callback of [`FakeStripe::on_request`](crate::FakeStripe::on_request) runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Before the answer is computed: the answer shows the change.
    Before,
    /// After the answer is computed and before it is sent: the answer is already out of date.
    After,
}

/// A request as a callback sees it.
#[derive(Debug)]
pub struct RequestView {
    pub(crate) phase: Phase,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) endpoint: String,
    pub(crate) nth: u64,
    pub(crate) params: Params,
    pub(crate) ids: Vec<Arc<str>>,
    pub(crate) account: FakeAccount,
}

impl RequestView {
    /// Whether the answer is still to be computed.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// `GET`, `DELETE`, …
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path as it was sent.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The template of the path, as in [`RequestRecord::endpoint`](crate::RequestRecord::endpoint).
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// How many requests this endpoint has seen, this one included: 1 for the first.
    pub fn nth(&self) -> u64 {
        self.nth
    }

    /// The value of a query parameter: `param("starting_after")`, `param("created[gte]")`.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name)
    }

    /// The ids in the answer, in its order: empty in [`Phase::Before`] and for errors.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        self.ids.iter().map(|id| &**id)
    }

    /// The account and mode that the request is for: the place to change things.
    pub fn account(&self) -> &FakeAccount {
        &self.account
    }
}

/// A callback and its time.
#[derive(Clone)]
pub(crate) struct RequestHook {
    pub(crate) phase: Phase,
    pub(crate) run: Arc<dyn Fn(&RequestView) + Send + Sync>,
}

impl fmt::Debug for RequestHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHook")
            .field("phase", &self.phase)
            .finish_non_exhaustive()
    }
}
