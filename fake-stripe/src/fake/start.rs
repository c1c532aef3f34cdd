//! Going back to the start: a fake that serves one test after another begins each of them with the same objects.

use crate::fake::FakeStripe;
use crate::state::Shared;

impl FakeStripe {
    /// [`reset`](Self::reset) goes back to what there is now. Without it, to what there was when the fake started.
    pub fn save_start(&self) {
        self.shared.save_start();
    }

    /// Goes back to the start: its objects, events, accounts, keys, endpoints, switches and clock. Requests, warnings and what
    /// waits to be delivered are forgotten. Request hooks stay, and so does a clock that is followed.
    pub fn reset(&self) {
        self.shared.reset();
    }
}

impl Shared {
    pub(crate) fn save_start(&self) {
        let state = self.lock().clone();
        *self.start() = Some(Box::new(state));
    }

    pub(crate) fn reset(&self) {
        let Some(start) = self.start().clone() else {
            return;
        };
        let mut state = self.lock();
        let old = std::mem::replace(&mut *state, *start);
        let limits = state.limiter.limits();
        // Requests and posts that are under way leave by these.
        state.limiter = old.limiter;
        state.limiter.set(limits);
        state.webhooks.queue.skip_to(&old.webhooks.queue);
        state.webhooks.attempts.skip_to(&old.webhooks.attempts);
        state.log.clear();
        state.warnings.clear();
        if let Some(other) = old.followed {
            state.follow_clock(other);
        }
        state.webhooks.due.notify_one();
    }
}
