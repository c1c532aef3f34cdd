//! Which attempts are worth another, and how long to wait before it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::error::TransportError;
use super::request::{Request, Response};

/// The first delay of Stripe's SDKs, doubled with each attempt.
const FIRST_DELAY: Duration = Duration::from_millis(500);
/// The longest delay of Stripe's SDKs.
const LONGEST_DELAY: Duration = Duration::from_secs(5);
/// The longest delay after 429, which the SDKs do not retry: a limiter needs longer to recover
/// than a server does.
const LONGEST_DELAY_LIMITED: Duration = Duration::from_secs(30);

/// How patient a client is. See [`StripeBuilder::max_retries`](super::StripeBuilder::max_retries).
#[derive(Debug)]
pub(crate) struct RetryPolicy {
    pub(crate) max_retries: u32,
    /// The longest time of one attempt.
    pub(crate) attempt: Duration,
    pub(crate) total: Duration,
    jitter: Mutex<fastrand::Rng>,
}

/// The result of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A success.
    Done,
    /// A failure that another attempt cannot mend.
    Fail,
    /// Worth another attempt.
    Retry,
    /// Worth another attempt, and the server asks for less.
    RetryLimited,
}

impl RetryPolicy {
    pub(crate) fn new(
        max_retries: u32,
        attempt: Duration,
        total: Duration,
        seed: Option<u64>,
    ) -> Self {
        let rng = seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        Self {
            max_retries,
            attempt,
            total,
            jitter: Mutex::new(rng),
        }
    }

    /// The delay before attempt `retry + 1` (the first retry is 1): exponential, capped, and
    /// between half and the whole of it at random.
    pub(crate) fn delay(&self, retry: u32, verdict: Verdict) -> Duration {
        let cap = match verdict {
            Verdict::RetryLimited => LONGEST_DELAY_LIMITED,
            _ => LONGEST_DELAY,
        };
        // 2^10 half seconds is beyond every cap.
        let whole = FIRST_DELAY
            .saturating_mul(1 << retry.saturating_sub(1).min(10))
            .min(cap);
        let share = self
            .jitter
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .f64();
        whole.mul_f64(0.5 + share / 2.0)
    }
}

/// Judges an attempt. A request that must not be repeated fails where another would be retried.
pub(crate) fn judge(request: &Request, outcome: &Result<Response, TransportError>) -> Verdict {
    let verdict = match outcome {
        Ok(response) if response.is_success() => return Verdict::Done,
        Ok(response) => match (response.should_retry, response.status) {
            (Some(false), _) => Verdict::Fail,
            (_, 429) => Verdict::RetryLimited,
            (Some(true), _) | (None, 409 | 500..) => Verdict::Retry,
            (None, _) => Verdict::Fail,
        },
        Err(error) if error.is_transient() => Verdict::Retry,
        Err(_) => Verdict::Fail,
    };
    if request.is_repeatable() {
        verdict
    } else {
        Verdict::Fail
    }
}

#[cfg(test)]
mod tests {
    use super::super::error::TransportErrorKind;
    use super::*;

    fn answer(status: u16, should_retry: Option<bool>) -> Result<Response, TransportError> {
        let mut response = Response::new(status, "");
        response.should_retry = should_retry;
        Ok(response)
    }

    #[test]
    fn statuses_and_stripes_word() {
        let get = Request::get("/v1/customers");
        for (status, should_retry, expected) in [
            (200, None, Verdict::Done),
            (200, Some(true), Verdict::Done),
            (302, None, Verdict::Fail),
            (400, None, Verdict::Fail),
            (404, None, Verdict::Fail),
            (409, None, Verdict::Retry),
            (429, None, Verdict::RetryLimited),
            (500, None, Verdict::Retry),
            (503, None, Verdict::Retry),
            (500, Some(false), Verdict::Fail),
            (429, Some(false), Verdict::Fail),
            (400, Some(true), Verdict::Retry),
            (429, Some(true), Verdict::RetryLimited),
        ] {
            assert_eq!(
                judge(&get, &answer(status, should_retry)),
                expected,
                "{status}"
            );
        }
    }

    #[test]
    fn writes_repeat_with_a_key_only() {
        let post = Request::post("/v1/customers");
        assert_eq!(judge(&post, &answer(500, None)), Verdict::Fail);
        assert_eq!(
            judge(&post.idempotency_key("k"), &answer(500, None)),
            Verdict::Retry
        );
    }

    #[test]
    fn transport_errors() {
        let get = Request::get("/v1/customers");
        let cut = Err(TransportError::new(TransportErrorKind::Body, "cut"));
        assert_eq!(judge(&get, &cut), Verdict::Retry);
        let never = Err(TransportError::new(TransportErrorKind::Unsupported, "no"));
        assert_eq!(judge(&get, &never), Verdict::Fail);
    }

    #[test]
    fn delays_double_to_their_cap_with_jitter_by_seed() {
        let policy = RetryPolicy::new(9, Duration::from_secs(6), Duration::from_secs(60), Some(7));
        let same = RetryPolicy::new(9, Duration::from_secs(6), Duration::from_secs(60), Some(7));
        for (retry, whole) in [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (5, 5.0), (60, 5.0)] {
            let delay = policy.delay(retry, Verdict::Retry);
            assert!(
                (whole / 2.0..=whole).contains(&delay.as_secs_f64()),
                "{retry}: {delay:?}"
            );
            assert_eq!(delay, same.delay(retry, Verdict::Retry));
        }
        assert!(policy.delay(20, Verdict::RetryLimited) >= Duration::from_secs(15));
    }
}
