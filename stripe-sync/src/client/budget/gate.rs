//! What a request passes before it is sent: a rate, and places for requests in flight.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use super::flight::{Departure, Flight};
use super::leftover::LOOK_AGAIN;
use super::lock;
use super::pressure::{Load, WaitedFor};
use super::rate::Rate;

/// The weight of one request in the share of those that waited, as that of the latency.
const WAITED_WEIGHT: f64 = 1.0 / 8.0;
/// Nothing but an answer frees a place: whoever waits for one is woken then, and need not look.
const UNTIL_WOKEN: Duration = Duration::from_secs(3600);

/// A rate and the requests in flight, of one endpoint or of an account.
pub(super) struct Gate {
    /// Whoever holds it is the first in line, and the only one with a timer.
    pub(super) line: tokio::sync::Mutex<()>,
    /// The line of those who take what is left.
    pub(super) leftover_line: tokio::sync::Mutex<()>,
    /// Wakes the first in line, when a place is free or the rate has changed.
    changed: Notify,
    state: Mutex<State>,
}

struct State {
    rate: Rate,
    flight: Flight,
    /// What the last request that passed had waited for here.
    waited: Option<WaitedFor>,
    waited_share: f64,
}

impl State {
    /// What the next request has to wait for, and the longest that it takes.
    fn closed(&mut self) -> Option<(WaitedFor, Duration)> {
        if !self.flight.has_place(self.rate.rate()) {
            return Some((WaitedFor::Answers, UNTIL_WOKEN));
        }
        let wait = self.rate.wait(Instant::now());
        (!wait.is_zero()).then_some((WaitedFor::Rate, wait))
    }

    /// How long there is nothing that would be left.
    fn closed_for_leftover(&mut self) -> Option<Duration> {
        let places = self.flight.limit(self.rate.rate());
        if self.flight.in_flight() >= (places / 2).max(1) {
            return Some(LOOK_AGAIN);
        }
        let wait = self.rate.until_full(Instant::now());
        (!wait.is_zero()).then_some(wait)
    }
}

/// A request's place among those in flight, which it gives back when it is dropped.
pub(super) struct Place {
    gate: Arc<Gate>,
    departure: Departure,
}

impl Gate {
    pub(super) fn new(limit: f64, headroom: f64, parts: u32) -> Self {
        Self {
            line: tokio::sync::Mutex::new(()),
            leftover_line: tokio::sync::Mutex::new(()),
            changed: Notify::new(),
            state: Mutex::new(State {
                rate: Rate::new(limit, headroom, parts),
                flight: Flight::new(),
                waited: None,
                waited_share: 0.0,
            }),
        }
    }

    /// Waits for a whole token and a place, and says which of them it had to wait for last. Only
    /// for the first in line.
    pub(super) async fn ready(&self) -> Option<WaitedFor> {
        let mut waited = None;
        loop {
            let closed = lock(&self.state).closed();
            let Some((what, wait)) = closed else {
                return waited;
            };
            waited = Some(what);
            // A change between the look and this wait has left a mark, and ends it at once.
            let _ = timeout(wait, self.changed.notified()).await;
        }
    }

    pub(super) fn is_open(&self) -> bool {
        lock(&self.state).closed().is_none()
    }

    /// How long there is nothing that would be left. Only where nobody stands in line.
    pub(super) fn closed_for_leftover(&self) -> Option<Duration> {
        lock(&self.state).closed_for_leftover()
    }

    /// Takes a token and a place, and notes what was waited for.
    pub(super) fn enter(self: &Arc<Self>, waited: Option<WaitedFor>) -> Place {
        {
            let mut state = lock(&self.state);
            state.waited = waited;
            let waited = if waited.is_some() { 1.0 } else { 0.0 };
            state.waited_share += (waited - state.waited_share) * WAITED_WEIGHT;
        }
        self.take()
    }

    /// Takes a token and a place.
    pub(super) fn take(self: &Arc<Self>) -> Place {
        let mut state = lock(&self.state);
        let state = &mut *state;
        state.rate.take();
        Place {
            gate: Arc::clone(self),
            departure: state.flight.enter(),
        }
    }

    /// Divides the limit again.
    pub(super) fn share(&self, parts: u32) {
        lock(&self.state).rate.share(parts);
        self.changed.notify_one();
    }

    pub(super) fn load(&self) -> Load {
        let state = lock(&self.state);
        Load {
            in_flight: state.flight.in_flight(),
            in_flight_limit: state.flight.limit(state.rate.rate()),
            rate: state.rate.rate(),
            rate_target: state.rate.target(),
            latency: state.flight.latency(),
            waited: state.waited,
            waited_share: state.waited_share,
        }
    }
}

impl Place {
    /// A 429 for the rate.
    pub(super) fn too_fast(&self) {
        lock(&self.gate.state).rate.shrink();
    }

    /// A 429 for too many at once.
    pub(super) fn too_many(&self) {
        lock(&self.gate.state).flight.shrink(self.departure);
    }

    /// A success, which took this long.
    pub(super) fn succeeded(&self, took: Duration) {
        let mut state = lock(&self.gate.state);
        state.rate.grow();
        state.flight.grow(self.departure, took);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.gate.state).flight.leave();
        self.gate.changed.notify_one();
    }
}
