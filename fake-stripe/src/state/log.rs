//! The log of requests that a fake has seen.

use stripe_sync_schema::Mode;

use crate::chaos::faults::{Fault, Faults};
use crate::state::State;

impl State {
    /// Forgets all requests so far, also for the draws of faults.
    pub(crate) fn forget_requests(&mut self) {
        self.log.clear();
        self.visits.clear();
        self.repeats.clear();
        self.faults_played = 0;
    }

    /// Plays these faults from now on.
    pub(crate) fn play(&mut self, faults: Option<Faults>) {
        self.faults = faults;
        self.faults_played = 0;
    }

    /// Keeps a request, and forgets the oldest if there are too many.
    pub(crate) fn record_request(&mut self, request: RequestRecord) {
        self.log.push_back(request);
        if self.log.len() > self.most_requests {
            self.log.pop_front();
        }
    }
}

/// One request as the fake saw it. It never holds a key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestRecord {
    /// `GET`, `DELETE`, …
    pub method: String,
    /// The path as it was sent: `/v1/customers/cus_1`.
    pub path: String,
    /// The query as it was sent, without the question mark.
    pub query: String,
    /// The template of the path (`/v1/customers/{id}`), empty if Stripe has no such path.
    pub endpoint: String,
    /// The account whose data was asked for; empty if the key was refused.
    pub account: String,
    /// The mode of the key; `None` if the key was refused.
    pub mode: Option<Mode>,
    /// The status of the answer; `None` if the connection was broken before one, or the request was left hanging.
    pub status: Option<u16>,
    /// The fault that was played, if any.
    pub fault: Option<Fault>,
    /// The fake's time, Unix seconds.
    pub at: i64,
}
