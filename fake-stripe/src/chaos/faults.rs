//! Faults by seed: what goes wrong with which request.

use std::ops::Range;
use std::time::Duration;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::limits::RateLimitReason;

/// Faults that the fake plays, drawn by seed.
///
/// What happens to a request depends on the seed, its path and query and how often this very request was made before: neither
/// on the order in which concurrent requests arrive, nor on time. A request that is repeated draws anew.
/// The shares (0 to 1) are tried in the order of the fields; their sum should not exceed 1.
///
/// ```
/// use stripe_sync::testing::Faults;
/// let faults = Faults::new(7).with_rate_429(0.1).with_rate_500(0.05).with_cut_body(0.05);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Faults {
    /// The seed of all draws.
    pub seed: u64,
    /// Share of requests that are refused with 429.
    pub rate_429: f64,
    /// Share of requests that are answered with 500 and Stripe's JSON error.
    pub rate_500: f64,
    /// Share of requests that are answered with 502 and an HTML page.
    pub rate_502: f64,
    /// Share of requests whose connection is closed without an answer.
    pub reset: f64,
    /// Share of answers that break off in the middle of the body.
    pub cut_body: f64,
    /// Share of requests that are never answered.
    pub hang: f64,
    /// Real time that each answer is held back.
    pub latency: Range<Duration>,
    /// What the 429s say; `None` is a 429 that is no rate limit (`lock_timeout`). Empty means all of them.
    pub reasons: Vec<Option<RateLimitReason>>,
    /// Only paths that begin with this.
    pub only: Option<String>,
    /// No more faults than this in all (latency is not counted).
    pub at_most: Option<u64>,
}

/// A fault that was played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// 429 with this reason, or a `lock_timeout`.
    TooManyRequests(Option<RateLimitReason>),
    /// 500 in JSON.
    ServerError,
    /// 502 in HTML.
    BadGateway,
    /// The connection was closed without an answer.
    Reset,
    /// The answer broke off.
    CutBody,
    /// No answer came.
    Hang,
}

impl Faults {
    /// No faults yet, with this seed.
    pub fn new(seed: u64) -> Self {
        let none = Duration::ZERO..Duration::ZERO;
        Self {
            seed,
            rate_429: 0.0,
            rate_500: 0.0,
            rate_502: 0.0,
            reset: 0.0,
            cut_body: 0.0,
            hang: 0.0,
            latency: none,
            reasons: Vec::new(),
            only: None,
            at_most: None,
        }
    }

    /// Sets [`Faults::rate_429`].
    pub fn with_rate_429(mut self, share: f64) -> Self {
        self.rate_429 = share;
        self
    }

    /// Sets [`Faults::rate_500`].
    pub fn with_rate_500(mut self, share: f64) -> Self {
        self.rate_500 = share;
        self
    }

    /// Sets [`Faults::rate_502`].
    pub fn with_rate_502(mut self, share: f64) -> Self {
        self.rate_502 = share;
        self
    }

    /// Sets [`Faults::reset`].
    pub fn with_reset(mut self, share: f64) -> Self {
        self.reset = share;
        self
    }

    /// Sets [`Faults::cut_body`].
    pub fn with_cut_body(mut self, share: f64) -> Self {
        self.cut_body = share;
        self
    }

    /// Sets [`Faults::hang`].
    pub fn with_hang(mut self, share: f64) -> Self {
        self.hang = share;
        self
    }

    /// Sets [`Faults::latency`].
    pub fn with_latency(mut self, range: Range<Duration>) -> Self {
        self.latency = range;
        self
    }

    /// Sets [`Faults::reasons`].
    pub fn with_reasons(
        mut self,
        reasons: impl IntoIterator<Item = Option<RateLimitReason>>,
    ) -> Self {
        self.reasons = reasons.into_iter().collect();
        self
    }

    /// Sets [`Faults::only`].
    pub fn with_only(mut self, path_prefix: impl Into<String>) -> Self {
        self.only = Some(path_prefix.into());
        self
    }

    /// Sets [`Faults::at_most`].
    pub fn with_at_most(mut self, faults: u64) -> Self {
        self.at_most = Some(faults);
        self
    }

    /// The latency and the fault of the `nth` request for `target` (path and query).
    pub(super) fn draw(&self, target: &str, nth: u32, played: u64) -> (Duration, Option<Fault>) {
        if self
            .only
            .as_ref()
            .is_some_and(|prefix| !target.starts_with(prefix.as_str()))
        {
            return (Duration::ZERO, None);
        }
        let seed = xxh3_64_with_seed(
            target.as_bytes(),
            self.seed ^ u64::from(nth).rotate_left(32),
        );
        let mut rng = fastrand::Rng::with_seed(seed);
        let span = self.latency.end.saturating_sub(self.latency.start);
        let latency = self.latency.start + span.mul_f64(rng.f64());
        if self.at_most.is_some_and(|most| played >= most) {
            return (latency, None);
        }
        let mut left = rng.f64();
        let mut falls = |share: f64| {
            let hit = left < share;
            left -= share;
            hit
        };
        let fault = if falls(self.rate_429) {
            Some(Fault::TooManyRequests(self.reason(&mut rng)))
        } else if falls(self.rate_500) {
            Some(Fault::ServerError)
        } else if falls(self.rate_502) {
            Some(Fault::BadGateway)
        } else if falls(self.reset) {
            Some(Fault::Reset)
        } else if falls(self.cut_body) {
            Some(Fault::CutBody)
        } else if falls(self.hang) {
            Some(Fault::Hang)
        } else {
            None
        };
        (latency, fault)
    }

    fn reason(&self, rng: &mut fastrand::Rng) -> Option<RateLimitReason> {
        match rng.choice(&self.reasons) {
            Some(reason) => *reason,
            None => {
                let at = rng.usize(..=RateLimitReason::ALL.len());
                RateLimitReason::ALL.get(at).copied()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_depend_on_seed_target_and_repetition_only() {
        let faults = Faults::new(1)
            .with_rate_429(0.3)
            .with_rate_500(0.2)
            .with_reset(0.2);
        let draws = |faults: &Faults| -> Vec<_> {
            (0..50)
                .map(|n| faults.draw("/v1/customers", n, 0).1)
                .collect()
        };
        assert_eq!(draws(&faults), draws(&faults));
        assert_ne!(
            draws(&faults),
            draws(&Faults {
                seed: 2,
                ..faults.clone()
            })
        );
        let hits = draws(&faults).iter().flatten().count();
        assert!(
            (20..=48).contains(&hits),
            "{hits} of 50 with a share of 0.7"
        );
        assert_eq!(
            faults
                .clone()
                .with_only("/v1/prices")
                .draw("/v1/customers", 0, 0)
                .1,
            None
        );
        assert_eq!(
            Faults::new(1)
                .with_hang(1.0)
                .with_at_most(2)
                .draw("/v1/customers", 0, 2)
                .1,
            None
        );
    }
}
