//! Rate and concurrency limits, measured on the real clock.

use std::collections::HashMap;
use std::time::Instant;

use stripe_sync_schema::RateLimitReason;

/// Limits that the fake enforces, per account and mode. `None` is no limit; all are `None` by default.
///
/// A bucket holds one second's worth of requests and refills continuously.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[must_use]
pub struct RateLimits {
    pub(crate) account_per_second: Option<f64>,
    pub(crate) endpoint_per_second: Option<f64>,
    pub(crate) account_concurrency: Option<usize>,
    pub(crate) endpoint_concurrency: Option<usize>,
}

impl RateLimits {
    /// No limits.
    pub fn none() -> Self {
        Self::default()
    }

    /// Stripe's published limits of a live account.
    pub fn live() -> Self {
        Self {
            account_per_second: Some(100.0),
            endpoint_per_second: Some(25.0),
            ..Self::default()
        }
    }

    /// Stripe's published limits of a sandbox.
    pub fn sandbox() -> Self {
        Self {
            account_per_second: Some(25.0),
            endpoint_per_second: Some(25.0),
            ..Self::default()
        }
    }

    /// Requests per second over all endpoints. Stripe: 100 live, 25 in a sandbox.
    pub fn account_per_second(mut self, rate: f64) -> Self {
        self.account_per_second = Some(rate);
        self
    }

    /// Requests per second of one endpoint (method and path template). Stripe: 25.
    pub fn endpoint_per_second(mut self, rate: f64) -> Self {
        self.endpoint_per_second = Some(rate);
        self
    }

    /// Requests in flight over all endpoints. Stripe publishes no number.
    pub fn account_concurrency(mut self, requests: usize) -> Self {
        self.account_concurrency = Some(requests);
        self
    }

    /// Requests in flight of one endpoint. Stripe publishes no number.
    pub fn endpoint_concurrency(mut self, requests: usize) -> Self {
        self.endpoint_concurrency = Some(requests);
        self
    }
}

#[derive(Debug, Clone, Default)]
struct Meter {
    /// Tokens left and when they were counted; `None` until the first request.
    tokens: Option<(f64, Instant)>,
    in_flight: usize,
}

impl Meter {
    fn refill(&mut self, rate: f64, now: Instant) -> &mut f64 {
        let (tokens, at) = self.tokens.get_or_insert((rate.max(1.0), now));
        *tokens = (*tokens + now.duration_since(*at).as_secs_f64() * rate).min(rate.max(1.0));
        *at = now;
        tokens
    }

    fn has_token(&mut self, rate: Option<f64>, now: Instant) -> bool {
        rate.is_none_or(|rate| *self.refill(rate, now) >= 1.0)
    }

    fn take(&mut self) {
        if let Some((tokens, _)) = &mut self.tokens {
            *tokens -= 1.0;
        }
        self.in_flight += 1;
    }
}

/// The meters of all accounts and endpoints.
#[derive(Debug, Clone, Default)]
pub(crate) struct Limiter {
    limits: RateLimits,
    accounts: HashMap<String, Meter>,
    endpoints: HashMap<(String, String), Meter>,
}

impl Limiter {
    pub(crate) fn limits(&self) -> RateLimits {
        self.limits
    }

    pub(crate) fn set(&mut self, limits: RateLimits) {
        self.limits = limits;
        for meter in self
            .accounts
            .values_mut()
            .chain(self.endpoints.values_mut())
        {
            meter.tokens = None;
        }
    }

    /// Lets a request in, or says which limit it hit. Who was let in has to call [`Limiter::leave`].
    pub(crate) fn enter(
        &mut self,
        scope: &str,
        endpoint: &str,
        now: Instant,
    ) -> Result<(), RateLimitReason> {
        let limits = self.limits;
        let account = self.accounts.entry(scope.to_owned()).or_default();
        let of_endpoint = self
            .endpoints
            .entry((scope.to_owned(), endpoint.to_owned()))
            .or_default();
        if limits
            .account_concurrency
            .is_some_and(|most| account.in_flight >= most)
        {
            return Err(RateLimitReason::GlobalConcurrency);
        }
        if limits
            .endpoint_concurrency
            .is_some_and(|most| of_endpoint.in_flight >= most)
        {
            return Err(RateLimitReason::EndpointConcurrency);
        }
        if !account.has_token(limits.account_per_second, now) {
            return Err(RateLimitReason::GlobalRate);
        }
        if !of_endpoint.has_token(limits.endpoint_per_second, now) {
            return Err(RateLimitReason::EndpointRate);
        }
        account.take();
        of_endpoint.take();
        Ok(())
    }

    pub(crate) fn leave(&mut self, scope: &str, endpoint: &str) {
        if let Some(meter) = self.accounts.get_mut(scope) {
            meter.in_flight = meter.in_flight.saturating_sub(1);
        }
        if let Some(meter) = self
            .endpoints
            .get_mut(&(scope.to_owned(), endpoint.to_owned()))
        {
            meter.in_flight = meter.in_flight.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn buckets_hold_one_second_and_refill() {
        let mut limiter = Limiter::default();
        limiter.set(
            RateLimits::none()
                .account_per_second(4.0)
                .endpoint_per_second(3.0),
        );
        let start = Instant::now();
        for _ in 0..3 {
            assert_eq!(limiter.enter("a", "x", start), Ok(()));
        }
        assert_eq!(
            limiter.enter("a", "x", start),
            Err(RateLimitReason::EndpointRate)
        );
        assert_eq!(limiter.enter("a", "y", start), Ok(()));
        assert_eq!(
            limiter.enter("a", "z", start),
            Err(RateLimitReason::GlobalRate)
        );
        assert_eq!(
            limiter.enter("b", "x", start),
            Ok(()),
            "accounts have their own buckets"
        );
        assert_eq!(
            limiter.enter("a", "x", start + Duration::from_millis(400)),
            Ok(())
        );
    }

    #[test]
    fn concurrency_counts_those_inside() {
        let mut limiter = Limiter::default();
        limiter.set(RateLimits::none().endpoint_concurrency(1));
        let now = Instant::now();
        assert_eq!(limiter.enter("a", "x", now), Ok(()));
        assert_eq!(
            limiter.enter("a", "x", now),
            Err(RateLimitReason::EndpointConcurrency)
        );
        limiter.leave("a", "x");
        assert_eq!(limiter.enter("a", "x", now), Ok(()));
    }
}
