//! The rate of requests: a token bucket that follows the answers.

use std::time::Duration;

use tokio::time::Instant;

/// A 429 halves the rate, as TCP does.
const CUT: f64 = 0.5;
/// The rate never falls below this share of its target.
pub(super) const FLOOR: f64 = 0.05;
/// Requests already on their way when the limit struck count as one strike.
pub(super) const CUT_INTERVAL: Duration = Duration::from_secs(1);
/// A success grows the rate by this share of its target: half is regained in some 300 requests.
const GROWTH: f64 = 1.0 / 500.0;
/// A timer wakes up to this late; the tokens of that time are not lost.
const TIMER_SLACK: f64 = 0.002;
/// Sums of fractions fall short of a whole token by less than this.
const ROUNDING: f64 = 1e-6;

/// A token bucket whose rate follows the answers.
pub(super) struct Rate {
    limit: f64,
    headroom: f64,
    rate: f64,
    target: f64,
    burst: f64,
    tokens: f64,
    at: Instant,
    cut_at: Option<Instant>,
}

impl Rate {
    /// A part of a limit, one of so many.
    pub(super) fn new(limit: f64, headroom: f64, parts: u32) -> Self {
        let (target, burst) = target_and_burst(limit, headroom, parts);
        Self {
            limit,
            headroom,
            rate: target,
            target,
            burst,
            tokens: burst,
            at: Instant::now(),
            cut_at: None,
        }
    }

    /// Requests a second now.
    pub(super) fn rate(&self) -> f64 {
        self.rate
    }

    /// Requests a second while no answer objects.
    pub(super) fn target(&self) -> f64 {
        self.target
    }

    /// Divides the limit again. What 429s took off stays off, as a share.
    pub(super) fn share(&mut self, parts: u32) {
        if self.rate.is_infinite() {
            return;
        }
        self.refill(Instant::now());
        let kept = self.rate / self.target;
        (self.target, self.burst) = target_and_burst(self.limit, self.headroom, parts);
        self.rate = self.target * kept;
        self.tokens = self.tokens.min(self.burst);
    }

    /// The time until there is a whole token.
    pub(super) fn wait(&mut self, now: Instant) -> Duration {
        if self.rate.is_infinite() {
            return Duration::ZERO;
        }
        self.refill(now);
        if self.tokens >= 1.0 - ROUNDING {
            return Duration::ZERO;
        }
        Duration::from_secs_f64((1.0 - self.tokens) / self.rate)
    }

    /// The time until the bucket is full: what comes after that would be lost, if nobody took it.
    pub(super) fn until_full(&mut self, now: Instant) -> Duration {
        if self.rate.is_infinite() {
            return Duration::ZERO;
        }
        self.refill(now);
        let full = self.burst - self.target * TIMER_SLACK;
        let missing = full - self.tokens;
        if missing <= ROUNDING {
            return Duration::ZERO;
        }
        Duration::from_secs_f64(missing / self.rate)
    }

    pub(super) fn take(&mut self) {
        self.tokens -= 1.0;
    }

    /// After a 429 for the rate.
    pub(super) fn shrink(&mut self) {
        let now = Instant::now();
        if self.rate.is_infinite() || self.cut_at.is_some_and(|at| now < at + CUT_INTERVAL) {
            return;
        }
        self.refill(now);
        self.cut_at = Some(now);
        self.rate = (self.rate * CUT).max(self.target * FLOOR);
        // What was saved up is spent: the limiter has just said so.
        self.tokens = self.tokens.min(0.0);
    }

    /// After a success.
    pub(super) fn grow(&mut self) {
        if self.rate < self.target {
            self.refill(Instant::now());
            self.rate = (self.rate + self.target * GROWTH).min(self.target);
        }
    }

    fn refill(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + elapsed * self.rate).min(self.burst);
        self.at = now;
    }
}

/// Half of the headroom may be taken at once after a pause: even so no second sees more requests
/// than the limit.
fn target_and_burst(limit: f64, headroom: f64, parts: u32) -> (f64, f64) {
    let limit = limit / f64::from(parts);
    let target = limit * (1.0 - headroom);
    let burst = (limit * headroom / 2.0).max(1.0) + target * TIMER_SLACK;
    (target, burst)
}
