//! The number of requests in flight: as many as the rate needs, and no more than Stripe takes.

use std::time::Duration;

use tokio::time::Instant;

/// The most requests in flight, and how many there may be before anything was learned: what the
/// whole rate of a live account needs when answers take a second each.
pub(super) const MOST: usize = 100;
/// More than the rate needs on average, because answers do not take equally long.
const SLACK: f64 = 1.5;
/// Where the rate needs a fraction of a request, one waits for its answer while the next is sent.
const SPARE: f64 = 2.0;
/// The weight of one answer in the smoothed latency, as in TCP's smoothed round-trip time (RFC 6298).
const LATENCY_WEIGHT: f64 = 1.0 / 8.0;
/// A 429 cuts to three quarters of those that were in flight: that number is near to what Stripe
/// takes, so halving it would waste more.
const CUT: f64 = 0.75;
/// A success adds this much of a place, if all were taken meanwhile. A place that is one too many
/// is refused once in 200 answers then, which is half of a percent.
const GROWTH: f64 = 1.0 / 200.0;

/// Requests in flight and how many there may be.
pub(super) struct Flight {
    in_flight: usize,
    /// What the 429s allow, in requests.
    allowed: f64,
    /// How long answers take, in seconds, once there was one.
    latency: Option<f64>,
    cut_at: Option<Instant>,
    /// When the last place that the 429s allow was taken last.
    full_at: Option<Instant>,
}

/// How it was when a request was sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Departure {
    at: Instant,
    /// Those in flight, this one included.
    among: usize,
}

impl Flight {
    pub(super) fn new() -> Self {
        Self {
            in_flight: 0,
            allowed: MOST as f64,
            latency: None,
            cut_at: None,
            full_at: None,
        }
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    pub(super) fn latency(&self) -> Option<Duration> {
        self.latency
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
    }

    /// How many there may be at this rate a second.
    pub(super) fn limit(&self, rate: f64) -> usize {
        let needed = match self.latency {
            Some(latency) if rate.is_finite() => (rate * latency * SLACK).ceil() + SPARE,
            _ => f64::INFINITY,
        };
        // Above zero and at most `MOST`, so nothing is lost.
        (self.allowed.min(needed) as usize).max(1)
    }

    pub(super) fn has_place(&self, rate: f64) -> bool {
        self.in_flight < self.limit(rate)
    }

    pub(super) fn enter(&mut self) -> Departure {
        let at = Instant::now();
        self.in_flight += 1;
        if self.in_flight >= self.allowed as usize {
            self.full_at = Some(at);
        }
        Departure {
            at,
            among: self.in_flight,
        }
    }

    pub(super) fn leave(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// After a 429 for too many at once. Requests that were sent before the last cut say nothing
    /// about it. Those sent together arrive in any order, so the first one sent may be the one that
    /// was too many: those in flight now count too, this one among them.
    pub(super) fn shrink(&mut self, departure: Departure) {
        if self.cut_at.is_some_and(|at| departure.at <= at) {
            return;
        }
        self.cut_at = Some(Instant::now());
        let among = self.allowed.min(departure.among.max(self.in_flight) as f64);
        // Where three quarters are still the same whole number, one less.
        self.allowed = (among * CUT).min(among - 1.0).max(1.0);
    }

    /// After a success that took this long. It grows only what was used up: places that nobody
    /// needed were not tried.
    pub(super) fn grow(&mut self, departure: Departure, took: Duration) {
        let took = took.as_secs_f64();
        let latency = self.latency.get_or_insert(took);
        *latency += (took - *latency) * LATENCY_WEIGHT;
        if self.full_at >= Some(departure.at) {
            self.allowed = (self.allowed + GROWTH).min(MOST as f64);
        }
    }
}
