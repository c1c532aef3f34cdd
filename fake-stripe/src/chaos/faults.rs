//! Faults by seed: what goes wrong with which request.

use std::ops::Range;
use std::time::Duration;

use stripe_sync_schema::RateLimitReason;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Faults that the fake plays, drawn by seed.
///
/// What happens to a request depends on the seed, its path and query and how often this very request was made before: neither
/// on the order in which concurrent requests arrive, nor on time. A repeated request draws again.
/// The shares (0 to 1) are tried in the order of the methods; their sum should not exceed 1.
///
/// ```
/// use fake_stripe::Faults;
/// let faults = Faults::new(7).rate_429(0.1).rate_500(0.05).cut_body(0.05);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Faults {
    pub(crate) seed: u64,
    pub(crate) rate_429: f64,
    pub(crate) rate_500: f64,
    pub(crate) rate_502: f64,
    pub(crate) reset: f64,
    pub(crate) cut_body: f64,
    pub(crate) hang: f64,
    pub(crate) latency: Range<Duration>,
    pub(crate) reasons: Vec<Option<RateLimitReason>>,
    pub(crate) only: Option<String>,
    pub(crate) at_most: Option<u64>,
}

/// A fault that was played.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
    /// There was no answer.
    Hang,
}

impl Faults {
    /// No faults yet, with this seed of all draws.
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

    /// Share of requests that are refused with 429.
    pub fn rate_429(mut self, share: f64) -> Self {
        self.rate_429 = share;
        self
    }

    /// Share of requests that are answered with 500 and Stripe's JSON error.
    pub fn rate_500(mut self, share: f64) -> Self {
        self.rate_500 = share;
        self
    }

    /// Share of requests that are answered with 502 and an HTML page.
    pub fn rate_502(mut self, share: f64) -> Self {
        self.rate_502 = share;
        self
    }

    /// Share of requests whose connection is closed without an answer.
    pub fn reset(mut self, share: f64) -> Self {
        self.reset = share;
        self
    }

    /// Share of answers that break off in the middle of the body.
    pub fn cut_body(mut self, share: f64) -> Self {
        self.cut_body = share;
        self
    }

    /// Share of requests that are never answered.
    pub fn hang(mut self, share: f64) -> Self {
        self.hang = share;
        self
    }

    /// Real time that each answer is held back.
    pub fn latency(mut self, range: Range<Duration>) -> Self {
        self.latency = range;
        self
    }

    /// What the 429s say; `None` is a 429 that is no rate limit (`lock_timeout`). Empty means all of them.
    pub fn reasons(mut self, reasons: impl IntoIterator<Item = Option<RateLimitReason>>) -> Self {
        self.reasons = reasons.into_iter().collect();
        self
    }

    /// Only paths that begin with this.
    pub fn only(mut self, path_prefix: impl Into<String>) -> Self {
        self.only = Some(path_prefix.into());
        self
    }

    /// No more faults than this in all (latency is not counted).
    pub fn at_most(mut self, faults: u64) -> Self {
        self.at_most = Some(faults);
        self
    }

    /// The latency and the fault of the `nth` request for `target` (path and query).
    pub(crate) fn draw(&self, target: &str, nth: u32, played: u64) -> (Duration, Option<Fault>) {
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
            Some(reason) => reason.clone(),
            None => {
                let mut documented = RateLimitReason::DOCUMENTED.into_iter();
                let at = rng.usize(..=documented.len());
                documented.nth(at)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_depend_on_seed_target_and_repetition_only() {
        let faults = Faults::new(1).rate_429(0.3).rate_500(0.2).reset(0.2);
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
                .only("/v1/prices")
                .draw("/v1/customers", 0, 0)
                .1,
            None
        );
        assert_eq!(
            Faults::new(1)
                .hang(1.0)
                .at_most(2)
                .draw("/v1/customers", 0, 2)
                .1,
            None
        );
    }
}
