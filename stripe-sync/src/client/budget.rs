//! The rate of requests: a token bucket per endpoint and one per account.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::endpoint;
use super::error::ConfigError;
use super::key::Mode;
use super::request::{Method, RateLimitReason, Request, Response};

/// Stripe's limit of a live account, requests a second (docs.stripe.com/rate-limits).
const LIVE_ACCOUNT: f64 = 100.0;
/// Stripe's limit of a sandbox, requests a second.
const TEST_ACCOUNT: f64 = 25.0;
/// Stripe's default limit of one endpoint, requests a second.
const ENDPOINT: f64 = 25.0;
/// Stripe's limit of search and of files, requests a second.
const SLOW_ENDPOINT: f64 = 20.0;
/// What is left to the application's own traffic, which shares Stripe's limits.
const HEADROOM: f64 = 0.2;
/// A 429 halves the rate, as TCP does.
const CUT: f64 = 0.5;
/// The rate never falls below this share of its target.
const FLOOR: f64 = 0.05;
/// Requests already on their way when the limit struck count as one strike.
const CUT_INTERVAL: Duration = Duration::from_secs(1);
/// A success grows the rate by this share of its target: half is regained in some 300 requests.
const GROWTH: f64 = 1.0 / 500.0;
/// A timer wakes up to this late; the tokens of that time are not lost.
const TIMER_SLACK: f64 = 0.002;
/// Sums of fractions fall short of a whole token by less than this.
const ROUNDING: f64 = 1e-6;

/// How many requests a second a client may send.
///
/// The default is what Stripe documents, less a fifth: 100/s of a live account, 25/s of a sandbox,
/// and 25/s of each endpoint (20/s of search and files). Connected accounts have budgets of their
/// own. Each process has its own budget: where several share an account, divide it among them.
///
/// ```
/// use stripe_sync::client::RateBudget;
/// // Nobody else uses this account, and Stripe has raised its limit.
/// let budget = RateBudget::default().account(500.0).headroom(0.0);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RateBudget {
    account: Option<f64>,
    endpoint: f64,
    headroom: f64,
}

impl Default for RateBudget {
    fn default() -> Self {
        Self {
            account: None,
            endpoint: ENDPOINT,
            headroom: HEADROOM,
        }
    }
}

impl RateBudget {
    /// No limit, for a fake Stripe on the same machine.
    pub fn unlimited() -> Self {
        Self {
            account: Some(f64::INFINITY),
            endpoint: f64::INFINITY,
            headroom: 0.0,
        }
    }

    /// Requests a second of an account; default by the mode of the key.
    pub fn account(mut self, per_second: f64) -> Self {
        self.account = Some(per_second);
        self
    }

    /// Requests a second of one endpoint (method and path template); default 25.
    pub fn endpoint(mut self, per_second: f64) -> Self {
        self.endpoint = per_second;
        self
    }

    /// The share of both limits that is left to others, from 0 to below 1; default 0.2.
    pub fn headroom(mut self, share: f64) -> Self {
        self.headroom = share;
        self
    }

    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        let rates = [
            ("the account's rate", self.account.unwrap_or(1.0)),
            ("the endpoint's rate", self.endpoint),
        ];
        for (what, rate) in rates {
            if rate.is_nan() || rate <= 0.0 {
                return Err(ConfigError::Number {
                    what,
                    expected: "above 0 a second",
                    found: rate,
                });
            }
        }
        if !(0.0..1.0).contains(&self.headroom) {
            let (what, expected) = ("the headroom", "from 0 to below 1");
            return Err(ConfigError::Number {
                what,
                expected,
                found: self.headroom,
            });
        }
        Ok(())
    }
}

/// The budgets of all accounts that a client acts for.
pub(crate) struct Budgets {
    limits: RateBudget,
    account_rate: f64,
    accounts: Mutex<HashMap<Option<Box<str>>, Arc<AccountBudget>>>,
}

impl Budgets {
    pub(crate) fn new(limits: RateBudget, mode: Option<Mode>) -> Self {
        let by_mode = if mode == Some(Mode::Live) {
            LIVE_ACCOUNT
        } else {
            TEST_ACCOUNT
        };
        let account_rate = limits.account.unwrap_or(by_mode);
        Self {
            limits,
            account_rate,
            accounts: Mutex::default(),
        }
    }

    /// The budget of a connected account, or of the key's own.
    pub(crate) fn of(&self, account: Option<&str>) -> Arc<AccountBudget> {
        let mut accounts = lock(&self.accounts);
        let budget = accounts.entry(account.map(Into::into)).or_insert_with(|| {
            Arc::new(AccountBudget {
                whole: Bucket::new(self.account_rate, self.limits.headroom),
                endpoint_rate: self.limits.endpoint,
                headroom: self.limits.headroom,
                endpoints: Mutex::default(),
            })
        });
        Arc::clone(budget)
    }
}

/// The budget of one account: the whole, and each endpoint.
pub(crate) struct AccountBudget {
    whole: Bucket,
    endpoint_rate: f64,
    headroom: f64,
    endpoints: Mutex<HashMap<(Method, String), Arc<Bucket>>>,
}

impl AccountBudget {
    /// Waits until both limits allow one more request and takes it from both at once.
    ///
    /// Waiters stand in line. Only the first of an endpoint's line stands in the account's, so an
    /// endpoint with many waiters does not starve another. Dropped while waiting, nothing was taken.
    pub(crate) async fn acquire(&self, request: &Request) -> Arc<Bucket> {
        let endpoint = self.endpoint(request);
        {
            let _first = endpoint.line.lock().await;
            endpoint.ready().await;
            let _next = self.whole.line.lock().await;
            self.whole.ready().await;
            endpoint.take();
            self.whole.take();
        }
        endpoint
    }

    /// Learns from an answer.
    pub(crate) fn answered(&self, endpoint: &Bucket, response: &Response) {
        use RateLimitReason::{EndpointConcurrency, EndpointRate, GlobalConcurrency, GlobalRate};
        match (response.status, &response.rate_limited) {
            (429, Some(GlobalRate | GlobalConcurrency)) => self.whole.shrink(),
            (429, Some(EndpointRate | EndpointConcurrency)) => endpoint.shrink(),
            // A client that hides the headers: the error's code tells the limiter from a lock.
            (429, None) if is_limiter(&response.body) => endpoint.shrink(),
            // A lock, one resource's own limit: not a matter of the rate.
            (429, _) => {}
            (200..300, _) => {
                endpoint.grow();
                self.whole.grow();
            }
            _ => {}
        }
    }

    fn endpoint(&self, request: &Request) -> Arc<Bucket> {
        let template = match &request.endpoint {
            Some(template) => template.to_string(),
            None => endpoint::template(&request.path),
        };
        let is_slow = template.ends_with("/search") || template.starts_with("/v1/files");
        let rate = if is_slow {
            self.endpoint_rate.min(SLOW_ENDPOINT)
        } else {
            self.endpoint_rate
        };
        let mut endpoints = lock(&self.endpoints);
        let bucket = endpoints
            .entry((request.method, template))
            .or_insert_with(|| Arc::new(Bucket::new(rate, self.headroom)));
        Arc::clone(bucket)
    }
}

/// Whether a 429's body has the limiter's code; `lock_timeout` is the other.
fn is_limiter(body: &[u8]) -> bool {
    const CODE: &[u8] = b"\"rate_limit";
    body.windows(CODE.len()).any(|window| window == CODE)
}

/// A token bucket whose rate follows the answers.
pub(crate) struct Bucket {
    /// Whoever holds it is the first in line, and the only one with a timer.
    line: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

struct State {
    rate: f64,
    target: f64,
    burst: f64,
    tokens: f64,
    at: Instant,
    cut_at: Option<Instant>,
}

impl Bucket {
    /// Half of the headroom may be taken at once after a pause: even so no second sees more
    /// requests than the limit.
    fn new(limit: f64, headroom: f64) -> Self {
        let target = limit * (1.0 - headroom);
        let burst = (limit * headroom / 2.0).max(1.0) + target * TIMER_SLACK;
        let state = State {
            rate: target,
            target,
            burst,
            tokens: burst,
            at: Instant::now(),
            cut_at: None,
        };
        Self {
            line: tokio::sync::Mutex::new(()),
            state: Mutex::new(state),
        }
    }

    /// Waits for a whole token; the rate may change meanwhile.
    async fn ready(&self) {
        loop {
            let wait = lock(&self.state).wait(Instant::now());
            if wait.is_zero() {
                return;
            }
            sleep(wait).await;
        }
    }

    fn take(&self) {
        lock(&self.state).tokens -= 1.0;
    }

    fn shrink(&self) {
        let mut state = lock(&self.state);
        let now = Instant::now();
        if state.rate.is_infinite() || state.cut_at.is_some_and(|at| now < at + CUT_INTERVAL) {
            return;
        }
        state.refill(now);
        state.cut_at = Some(now);
        state.rate = (state.rate * CUT).max(state.target * FLOOR);
        // What was saved up is spent: the limiter has just said so.
        state.tokens = state.tokens.min(0.0);
    }

    fn grow(&self) {
        let mut state = lock(&self.state);
        if state.rate < state.target {
            state.refill(Instant::now());
            state.rate = (state.rate + state.target * GROWTH).min(state.target);
        }
    }

    #[cfg(test)]
    pub(crate) fn rate(&self) -> f64 {
        lock(&self.state).rate
    }
}

impl State {
    fn refill(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + elapsed * self.rate).min(self.burst);
        self.at = now;
    }

    fn wait(&mut self, now: Instant) -> Duration {
        if self.rate.is_infinite() {
            return Duration::ZERO;
        }
        self.refill(now);
        if self.tokens >= 1.0 - ROUNDING {
            return Duration::ZERO;
        }
        Duration::from_secs_f64((1.0 - self.tokens) / self.rate)
    }
}

/// A panic elsewhere does not make numbers invalid.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
