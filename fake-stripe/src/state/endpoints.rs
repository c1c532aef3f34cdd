//! Webhook endpoints as a part of the state: what is due at them follows the clock, and a success changes the event.

use crate::data::partition::Scope;
use crate::generate::characters;
use crate::state::State;
use crate::webhooks::{Endpoint, Secret, Thin, View};

/// Characters of a secret after `whsec_`.
const SECRET_LENGTH: usize = 32;

impl State {
    /// The endpoint with this id; `None` if it was deleted or never there.
    pub(crate) fn endpoint(&self, id: &str) -> Option<View> {
        self.webhooks.endpoint(&self.partitions, id)
    }

    /// Keeps what the API does not show of an endpoint. Returns its secret, which is made up unless it is given.
    pub(crate) fn keep_endpoint(
        &mut self,
        scope: &Scope,
        id: String,
        connect: bool,
        thin: Option<Thin>,
        secret: Option<String>,
    ) -> String {
        let text = secret.unwrap_or_else(|| self.new_secret());
        let endpoint = Endpoint {
            scope: scope.clone(),
            connect,
            secrets: vec![Secret {
                text: text.clone(),
                until: None,
            }],
            thin,
        };
        self.webhooks.endpoints.insert(id, endpoint);
        text
    }

    /// A secret that no endpoint has.
    pub(crate) fn new_secret(&mut self) -> String {
        format!("whsec_{}", characters(SECRET_LENGTH, &mut self.rng))
    }

    /// Nothing is sent to an endpoint that is disabled or deleted when it is due.
    pub(crate) fn stop_retries(&mut self) {
        self.webhooks.stop_retries(&self.partitions, self.now);
    }

    /// Moves the clock, and with it what is due.
    pub(crate) fn set_clock(&mut self, now: i64) {
        self.now = now;
        self.settle_balance();
        self.stop_retries();
        self.webhooks.due.notify_one();
    }

    /// Moves the clock on.
    pub(crate) fn advance(&mut self, seconds: u64) {
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        self.set_clock(self.now.saturating_add(seconds));
    }

    /// Moves the clock as far as another one went on, which shows this second now.
    pub(crate) fn follow_clock(&mut self, other: i64) {
        let last = self.followed.replace(other).unwrap_or(other);
        if last != other {
            let moved = other.saturating_sub(last);
            self.set_clock(self.now.saturating_add(moved));
        }
    }

    /// What became available by now is.
    fn settle_balance(&mut self) {
        let later = self.pending.split_off(&(self.now + 1));
        let due = std::mem::replace(&mut self.pending, later);
        for (scope, id) in due.into_values().flatten() {
            // One that is gone needs nothing.
            let _ = self.amend(
                &scope,
                &id,
                &serde_json::json!({ "status": "available" }),
                true,
            );
        }
    }

    /// A success of one delivery: the event waits for one endpoint less.
    pub(crate) fn mark_delivered(&mut self, number: u64) {
        let Some((scope, event)) = self.webhooks.queue.succeed(number) else {
            return;
        };
        let Ok(mut value) = self.current(&scope, "event", &event) else {
            return;
        };
        if let Some(pending) = value.get_mut("pending_webhooks") {
            *pending = pending
                .as_i64()
                .map_or(0, |count| (count - 1).max(0))
                .into();
        }
        // The event is in its collection: it was just read from there.
        let _ = self.replace(&scope, "event", &event, &value);
    }
}
