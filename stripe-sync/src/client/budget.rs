//! How many requests are sent: a rate and a number in flight, of each endpoint and of the account.
//!
//! A `Gate` is one such pair; [`Permit`] is a request's place in the endpoint's and the account's.

mod flight;
mod gate;
mod leftover;
mod pressure;
mod rate;

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use stripe_sync_schema::{Mode, RateLimitReason};

pub use self::pressure::{Load, Pressure, WaitedFor};

use self::gate::{Gate, Place};
use super::endpoint;
use super::error::ConfigError;
use super::request::{Method, Request, Response};

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
/// How many requests a second a client may send.
///
/// The default is what Stripe documents, less a fifth: 100/s of a live account, 25/s of a sandbox,
/// and 25/s of each endpoint (20/s of search and files). Connected accounts have budgets of their
/// own.
///
/// Processes that mirror one account into one database divide this among them by themselves, while
/// their runs last. Where other programs use the account, or the databases differ, nobody knows of
/// the others: leave them a [`headroom`](Self::headroom), or set the limits to each one's part.
///
/// How many requests are in flight is not a setting: it follows from the rate and from how long
/// answers take, and is cut where Stripe refuses a request for too many at once.
///
/// ```
/// use stripe_sync::client::RateBudget;
/// // Nobody else uses this account, and Stripe has raised its limit.
/// let budget = RateBudget::default().account(500.0).headroom(0.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
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
    /// Tells this client's budgets from those of every other client, in this process and elsewhere.
    id: u64,
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
            // The standard library's hashers begin with the system's randomness.
            id: RandomState::new().hash_one(0),
            accounts: Mutex::default(),
        }
    }

    /// The budget of a connected account, or of the key's own.
    pub(crate) fn of(&self, account: Option<&str>) -> Arc<AccountBudget> {
        let mut accounts = lock(&self.accounts);
        let budget = accounts.entry(account.map(Into::into)).or_insert_with(|| {
            Arc::new(AccountBudget {
                whole: Arc::new(Gate::new(self.account_rate, self.limits.headroom, 1)),
                endpoint_rate: self.limits.endpoint,
                headroom: self.limits.headroom,
                endpoints: Mutex::new(Endpoints {
                    parts: 1,
                    gates: HashMap::new(),
                }),
            })
        });
        Arc::clone(budget)
    }

    /// Whether there is anything to divide among processes.
    pub(crate) fn are_limited(&self) -> bool {
        self.account_rate.is_finite() || self.limits.endpoint.is_finite()
    }

    /// See the field.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }
}

/// The budget of one account: the whole, and each endpoint.
pub(crate) struct AccountBudget {
    whole: Arc<Gate>,
    endpoint_rate: f64,
    headroom: f64,
    endpoints: Mutex<Endpoints>,
}

struct Endpoints {
    /// Among how many the limits are divided, for endpoints that are met later.
    parts: u32,
    gates: HashMap<(Method, String), Arc<Gate>>,
}

/// The place of one request in the budget, from its turn to its answer. Dropping it gives the place
/// back, whether there was an answer or not.
pub(crate) struct Permit {
    whole: Place,
    endpoint: Place,
}

impl AccountBudget {
    /// Waits until both limits allow one more request and takes it from both at once.
    ///
    /// Waiters stand in line. Only the first of an endpoint's line stands in the account's, and it
    /// does so only when its endpoint lets it through: so an endpoint with many waiters, or with
    /// slow answers, does not starve another. Dropped while waiting, nothing was taken.
    pub(crate) async fn acquire(&self, request: &Request) -> Permit {
        let endpoint = self.endpoint(request);
        let _first = endpoint.line.lock().await;
        let (mut for_endpoint, mut for_whole) = (None, None);
        loop {
            for_endpoint = for_endpoint.or(endpoint.ready().await);
            let _next = self.whole.line.lock().await;
            for_whole = for_whole.or(self.whole.ready().await);
            // A 429 may have closed the endpoint while the account's line was stood in.
            if endpoint.is_open() {
                return Permit {
                    whole: self.whole.enter(for_whole),
                    endpoint: endpoint.enter(for_endpoint),
                };
            }
        }
    }

    /// How near the limits are, for a request like this one.
    pub(crate) fn pressure(&self, request: &Request) -> Pressure {
        Pressure {
            account: self.whole.load(),
            endpoint: self.endpoint(request).load(),
        }
    }

    /// Divides every limit by a number of processes, this one included.
    pub(crate) fn share(&self, parts: u32) {
        let parts = parts.max(1);
        let mut endpoints = lock(&self.endpoints);
        if endpoints.parts != parts {
            endpoints.parts = parts;
            self.whole.share(parts);
            endpoints.gates.values().for_each(|gate| gate.share(parts));
        }
    }

    fn endpoint(&self, request: &Request) -> Arc<Gate> {
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
        let parts = endpoints.parts;
        let gate = endpoints
            .gates
            .entry((request.method, template))
            .or_insert_with(|| Arc::new(Gate::new(rate, self.headroom, parts)));
        Arc::clone(gate)
    }
}

impl Permit {
    /// Learns from the answer, which took this long.
    pub(crate) fn answered(&self, response: &Response, took: Duration) {
        use RateLimitReason::{EndpointConcurrency, EndpointRate, GlobalConcurrency, GlobalRate};
        match (response.status, &response.rate_limited) {
            (429, Some(GlobalRate)) => self.whole.too_fast(),
            (429, Some(GlobalConcurrency)) => self.whole.too_many(),
            (429, Some(EndpointRate)) => self.endpoint.too_fast(),
            (429, Some(EndpointConcurrency)) => self.endpoint.too_many(),
            // A client that hides the headers: the error's code tells the limiter from a lock.
            (429, None) if is_limiter(&response.body) => self.endpoint.too_fast(),
            // A lock, one resource's own limit: not a matter of the rate.
            (429, _) => {}
            (200..300, _) => {
                self.endpoint.succeeded(took);
                self.whole.succeeded(took);
            }
            _ => {}
        }
    }
}

/// Whether a 429's body has the limiter's code; `lock_timeout` is the other.
fn is_limiter(body: &[u8]) -> bool {
    const CODE: &[u8] = b"\"rate_limit";
    body.windows(CODE.len()).any(|window| window == CODE)
}

/// A panic elsewhere does not make numbers invalid.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
