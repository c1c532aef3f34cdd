//! Counters of what a run asked of Stripe.

use std::fmt;
use std::ops::Sub;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Counters that the requests of one run share. Each answer is counted, retries included: Stripe
/// allots reads per month.
#[derive(Debug, Default)]
pub struct Meter {
    requests: AtomicU64,
    retries: AtomicU64,
    bytes: AtomicU64,
    throttled_micros: AtomicU64,
    limited: AtomicU64,
}

/// What a [`Meter`] showed at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct MeterSnapshot {
    /// Attempts sent, retries included.
    pub requests: u64,
    /// Attempts after the first of their request.
    pub retries: u64,
    /// Bytes of answers, decompressed.
    pub bytes: u64,
    /// Time spent waiting for the rate budget and after 429s, summed over requests.
    pub throttled: Duration,
    /// Answers that said that there were too many requests (429).
    pub limited: u64,
}

impl fmt::Display for MeterSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} requests, {} repeated, {} limited by Stripe, {:.1} s of waiting for the rate budget, {:.1} kB",
            self.requests,
            self.retries,
            self.limited,
            self.throttled.as_secs_f64(),
            self.bytes as f64 / 1e3
        )
    }
}

impl Meter {
    /// All zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was counted until now.
    pub fn snapshot(&self) -> MeterSnapshot {
        MeterSnapshot {
            requests: self.requests.load(Relaxed),
            retries: self.retries.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
            throttled: Duration::from_micros(self.throttled_micros.load(Relaxed)),
            limited: self.limited.load(Relaxed),
        }
    }

    pub(crate) fn attempt(&self, is_retry: bool) {
        self.requests.fetch_add(1, Relaxed);
        self.retries.fetch_add(u64::from(is_retry), Relaxed);
    }

    pub(crate) fn received(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Relaxed);
    }

    pub(crate) fn limited(&self) {
        self.limited.fetch_add(1, Relaxed);
    }

    pub(crate) fn throttled(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.throttled_micros.fetch_add(micros, Relaxed);
    }
}

/// What was counted between two moments of the same meter.
impl Sub for MeterSnapshot {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(earlier.requests),
            retries: self.retries.saturating_sub(earlier.retries),
            bytes: self.bytes.saturating_sub(earlier.bytes),
            throttled: self.throttled.saturating_sub(earlier.throttled),
            limited: self.limited.saturating_sub(earlier.limited),
        }
    }
}
