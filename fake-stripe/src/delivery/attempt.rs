//! A webhook on its way: what a test has in its hands between Stripe and its own code.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use stripe_sync_schema::Mode;

use crate::state::{Shared, State};
use crate::webhooks::queue::Due;
use crate::webhooks::webhook_signature;

/// One attempt to deliver one event to one endpoint.
///
/// It is a copy in the hands of the test, to be sent twice, late, out of order, changed or not at all. The body is what the event was
/// when it was made, however late it arrives. Until [`Delivery::succeeded`] the fake takes the attempt for a failure and
/// makes the event due again at Stripe's retry times.
#[derive(Clone)]
#[non_exhaustive]
pub struct Delivery {
    /// The endpoint's id (`we_…`, or `ed_…` for a destination of thin events).
    pub endpoint: String,
    /// Where it is to be sent.
    pub url: String,
    /// The event's id.
    pub event_id: String,
    /// The event's type; that of a thin event begins with `v1.`.
    pub kind: String,
    /// The body as Stripe sends it.
    pub body: Bytes,
    /// 1 for the first attempt.
    pub attempt: u32,
    number: u64,
    due: Due,
    shared: Arc<Shared>,
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("endpoint", &self.endpoint)
            .field("event_id", &self.event_id)
            .field("kind", &self.kind)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

/// What Stripe's deliveries say they are from.
const USER_AGENT: &str = "Stripe/1.0 (+https://stripe.com/docs/webhooks)";

impl Delivery {
    /// The body as JSON; null if a test has made something else of it.
    pub fn event(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The headers of an attempt that is made at this Unix second. The signature is over the body as it is now, with every secret
    /// of the endpoint that holds at the fake's time.
    pub fn headers(&self, now: i64) -> Vec<(&'static str, String)> {
        vec![
            ("content-type", "application/json; charset=utf-8".to_owned()),
            ("user-agent", USER_AGENT.to_owned()),
            ("stripe-signature", self.signature(now)),
        ]
    }

    /// The header `Stripe-Signature` alone.
    pub fn signature(&self, now: i64) -> String {
        let secrets = {
            let state = self.shared.lock();
            state.webhooks.secrets(&self.endpoint, state.now)
        };
        let mut header = format!("t={now}");
        for secret in &secrets {
            header.push_str(",v1=");
            header.push_str(&webhook_signature(secret, now, &self.body));
        }
        if self.due.mode == Mode::Test {
            // Stripe adds a made-up signature of another scheme in test mode, so that receivers learn to ignore it.
            header.push_str(",v0=");
            header.push_str(&webhook_signature("v0", now, &self.body));
        }
        header
    }

    /// Tells the fake that the endpoint answered 2xx. The second time it changes nothing.
    pub fn succeeded(&self) {
        self.shared.lock().mark_delivered(self.number);
    }

    /// Sends the event to the endpoint again, as the Dashboard's button does: it is due now, once more. Retries that are
    /// planned stay planned.
    pub fn redeliver(&self) {
        let mut state = self.shared.lock();
        let now = state.now;
        state
            .webhooks
            .queue
            .repeat(self.number, self.due.clone(), now);
        state.webhooks.due.notify_one();
    }
}

impl State {
    /// Everything that is due, and each of it counts as an attempt.
    pub(crate) fn take_deliveries(&mut self, shared: &Arc<Shared>) -> Vec<Delivery> {
        self.stop_retries();
        let taken = self.webhooks.queue.take(self.now);
        let deliveries = taken.into_iter().filter_map(|(number, due)| {
            Some(Delivery {
                url: self.endpoint(&due.endpoint)?.url,
                endpoint: due.endpoint.clone(),
                event_id: due.event.clone(),
                kind: due.kind.clone(),
                body: due.body.clone(),
                attempt: due.attempts,
                number,
                due,
                shared: Arc::clone(shared),
            })
        });
        deliveries.collect()
    }
}
