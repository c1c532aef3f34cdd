//! The road to Stripe: one handle, [`Stripe`], over one [`Transport`], with retries and a rate
//! budget.
//!
//! ```no_run
//! use stripe_sync::client::{Meter, Request, Stripe};
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let stripe = Stripe::new(std::env::var("STRIPE_SECRET_KEY")?)?;
//! let meter = Meter::new();
//! let page = stripe.get(Request::get("/v1/customers").query("limit", "100"), &meter).await?;
//! println!("{} bytes, {:?}", page.body.len(), meter.snapshot());
//! # Ok(()) }
//! ```
//!
//! * **Transport.** One attempt at one request. The default keeps a pool of connections, speaks
//!   HTTP/2 and gzip, and sends the API version that the schema speaks for. With the feature
//!   `async-stripe` any client of async-stripe can take its place, see the module `async_stripe`
//!   for what is lost then.
//! * **Retries.** Broken connections, answers cut short, 409, 429 of every reason, 5xx, and what
//!   `Stripe-Should-Retry` says, which wins. Reads are repeated freely, writes only with an
//!   idempotency key. Delays grow exponentially with jitter.
//! * **Budget.** A rate and a number of requests in flight, of each endpoint and of the account, see
//!   [`RateBudget`]. A 429 shrinks what its reason names, success grows it back; the number in
//!   flight also follows how long answers take. [`Stripe::pressure`] shows how near the limits are.
//! * **Tracing.** One span `stripe.request` a request, with the fields `method`, `path`,
//!   `account`, `status`, `request_id` and `attempt`; in it an event `stripe.attempt` an attempt
//!   and `stripe.retry` before another. Neither holds query values, bodies or keys.

#[cfg(feature = "async-stripe")]
pub mod async_stripe;
mod budget;
mod builder;
mod endpoint;
mod error;
mod http;
mod key;
mod meter;
mod request;
mod retry;
#[cfg(test)]
mod tests;
mod transport;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use tracing::Instrument as _;

use crate::calls::call_async;

pub use self::budget::{Load, Pressure, RateBudget, WaitedFor};
pub use self::builder::StripeBuilder;
pub use self::error::{ApiError, ClientError, ConfigError, TransportError, TransportErrorKind};
pub use self::key::SecretKey;
pub use self::meter::{Meter, MeterSnapshot};
pub use self::request::{Body, Method, Request, Response};
pub use self::transport::{Capabilities, Transport};
#[doc(inline)]
pub use stripe_sync_schema::{Mode, RateLimitReason};

use self::budget::{AccountBudget, Budgets};
use self::retry::{RetryPolicy, Verdict};

/// The version of Stripe's API that the schema speaks for and that every request names.
pub const API_VERSION: &str = "2026-10-28.endive";

/// A handle on Stripe: cheap to clone, all clones share connections and budget.
#[derive(Clone)]
pub struct Stripe {
    shared: Arc<Shared>,
    account: Option<Arc<str>>,
    /// Whether requests take only what others leave of the budget.
    is_leftover: bool,
}

struct Shared {
    transport: Arc<dyn Transport>,
    mode: Option<Mode>,
    retry: RetryPolicy,
    budgets: Budgets,
    totals: Meter,
}

/// Who looks on while a request is made: the run's meter, the client's own, and the span.
struct Watch<'a> {
    meters: [&'a Meter; 2],
    span: tracing::Span,
}

impl Watch<'_> {
    fn count(&self, add: impl Fn(&Meter)) {
        self.meters.iter().for_each(|meter| add(meter));
    }
}

impl Stripe {
    /// A client of Stripe's API with the default transport and limits.
    ///
    /// # Errors
    /// The key is not a secret or restricted key, or TLS cannot be set up.
    pub fn new(key: impl Into<SecretKey>) -> Result<Self, ConfigError> {
        Self::builder(key).build()
    }

    /// Settings before the client is built.
    pub fn builder(key: impl Into<SecretKey>) -> StripeBuilder {
        StripeBuilder::new(key.into())
    }

    /// A client over a transport of the user's, with the default limits. Without a mode the
    /// budget is that of a sandbox. [`StripeBuilder::over`] takes more settings.
    ///
    /// # Errors
    /// None with the default settings.
    pub fn with_transport(
        transport: impl Transport,
        mode: Option<Mode>,
    ) -> Result<Self, ConfigError> {
        StripeBuilder::over(transport, mode).build()
    }

    /// The same connections, acting for a connected account, whose rate budget is its own.
    pub fn for_account(&self, account: impl Into<String>) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            account: Some(account.into().into()),
            is_leftover: self.is_leftover,
        }
    }

    /// The same connections, for requests that can wait: each is sent only when no other request of this client wants its place, so
    /// that a report or a check of everything delays nothing else. An ordinary request finds at most one token of the rate
    /// less than without them. While others use up the whole rate, none is sent.
    ///
    /// ```
    /// # fn run(stripe: stripe_sync::Stripe) {
    /// let patient = stripe.leftover();
    /// # }
    /// ```
    pub fn leftover(&self) -> Self {
        Self {
            is_leftover: true,
            ..self.clone()
        }
    }

    /// What the key opens, where it is known.
    pub fn mode(&self) -> Option<Mode> {
        self.shared.mode
    }

    /// The connected account this handle acts for (`Stripe-Account`).
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// The API version that requests name, where the transport knows it.
    pub fn api_version(&self) -> Option<&str> {
        self.shared.transport.api_version()
    }

    /// What the transport can do.
    pub fn capabilities(&self) -> Capabilities {
        self.shared.transport.capabilities()
    }

    /// The totals of all requests of this handle and its clones, the application's own included.
    pub fn totals(&self) -> MeterSnapshot {
        self.shared.totals.snapshot()
    }

    /// How near this handle's account, and the endpoint of a request like this one, are to their
    /// limits. Cheap, and sends nothing.
    pub fn pressure(&self, request: &Request) -> Pressure {
        let account = request.account.as_deref().or(self.account());
        self.shared.budgets.of(account).pressure(request)
    }

    /// Divides the limits of this handle's account among so many processes.
    pub(crate) fn set_share(&self, parts: u32) {
        self.shared.budgets.of(self.account()).share(parts);
    }

    /// Whether there is a limit to divide.
    pub(crate) fn is_limited(&self) -> bool {
        self.shared.budgets.are_limited()
    }

    /// Tells this client and its clones from every other, in this process and elsewhere.
    pub(crate) fn budget_id(&self) -> u64 {
        self.shared.budgets.id()
    }

    /// Reads: waits for the budget, tries, and tries again where that is worth it.
    ///
    /// # Errors
    /// Every answer that is not a success is [`ClientError::Api`].
    pub async fn get(&self, request: Request, meter: &Meter) -> Result<Response, ClientError> {
        self.send(request, meter).await
    }

    /// Sends a request of any method. A write without an idempotency key is tried once.
    ///
    /// Dropping the future gives its place in the budget back, in line or in flight.
    ///
    /// # Errors
    /// Every answer that is not a success is [`ClientError::Api`].
    pub async fn send(&self, mut request: Request, meter: &Meter) -> Result<Response, ClientError> {
        if request.account.is_none() {
            request.account = self.account.as_deref().map(str::to_owned);
        }
        let span = tracing::debug_span!(
            "stripe.request",
            method = request.method.as_str(),
            path = request.path,
            account = request.account,
            status = tracing::field::Empty,
            request_id = tracing::field::Empty,
            attempt = tracing::field::Empty,
        );
        let watch = Watch {
            meters: [meter, &self.shared.totals],
            span: span.clone(),
        };
        // On the heap: what nests this future would hit the compiler's recursion limit.
        Box::pin(self.send_with_retries(&request, &watch).instrument(span)).await
    }

    async fn send_with_retries(
        &self,
        request: &Request,
        watch: &Watch<'_>,
    ) -> Result<Response, ClientError> {
        let shared = &*self.shared;
        let budget = shared.budgets.of(request.account.as_deref());
        let max_retries = request.max_retries.unwrap_or(shared.retry.max_retries);
        let mut spent = Duration::ZERO;
        let mut last = None;
        let mut attempts = 0;
        loop {
            let timed_out = |attempts, last: Option<ClientError>| ClientError::TimedOut {
                method: request.method,
                path: request.path.clone(),
                after: shared.retry.total,
                attempts,
                last: last.map(Box::new),
            };
            attempts += 1;
            watch.span.record("attempt", attempts);
            let remaining = shared.retry.total.saturating_sub(spent);
            let (outcome, took) = self
                .attempt(request, &budget, remaining, attempts, watch)
                .await;
            spent += took;
            let Some(outcome) = outcome else {
                return Err(timed_out(attempts, last));
            };

            let verdict = retry::judge(request, &outcome);
            let error = match outcome {
                Ok(response) if verdict == Verdict::Done => return Ok(response),
                Ok(response) => {
                    ClientError::Api(Box::new(ApiError::new(request, &response, attempts)))
                }
                Err(error) => ClientError::transport(request, attempts, error),
            };
            if verdict == Verdict::Fail || attempts > max_retries {
                return Err(error);
            }
            let delay = shared.retry.delay(attempts, verdict);
            if spent + delay >= shared.retry.total {
                return Err(timed_out(attempts, Some(error)));
            }
            tracing::info!(name: "stripe.retry", attempt = attempts, ?delay, %error, "retrying");
            last = Some(error);
            sleep(delay).await;
            spent += delay;
            if verdict == Verdict::RetryLimited {
                watch.count(|meter| {
                    meter.throttled(delay);
                    meter.limited();
                });
            }
        }
    }

    /// One attempt and the time it took without the wait for the budget. No outcome: the time
    /// that remained is over.
    async fn attempt(
        &self,
        request: &Request,
        budget: &AccountBudget,
        remaining: Duration,
        number: u32,
        watch: &Watch<'_>,
    ) -> (Option<Result<Response, TransportError>>, Duration) {
        let queued = Instant::now();
        // Held until the answer is there, or the caller has gone.
        let permit = match self.is_leftover {
            true => budget.acquire_leftover(request).await,
            false => budget.acquire(request).await,
        };
        let waited = queued.elapsed();
        watch.count(|meter| {
            meter.throttled(waited);
            meter.attempt(number > 1);
        });

        let started = Instant::now();
        let attempt = request.attempt_timeout.unwrap_or(self.shared.retry.attempt);
        let allowed = attempt.min(remaining);
        let sent = call_async(async { self.shared.transport.send(request).await });
        let outcome = match timeout(allowed, sent).await {
            Ok(Ok(outcome)) => Some(outcome),
            Ok(Err(panicked)) => Some(Err(TransportError::new(
                TransportErrorKind::Broken,
                format!("the transport {panicked}"),
            ))),
            Err(_) if allowed < remaining => Some(Err(TransportError::new(
                TransportErrorKind::Timeout,
                format!("the attempt took longer than {allowed:?}"),
            ))),
            Err(_) => None,
        };
        let took = started.elapsed();
        if let Some(Ok(response)) = &outcome {
            permit.answered(response, took);
            watch.count(|meter| meter.received(response.body.len()));
            watch.span.record("status", response.status);
            watch
                .span
                .record("request_id", response.request_id.as_deref());
        }
        let response = outcome.as_ref().and_then(|outcome| outcome.as_ref().ok());
        tracing::debug!(
            name: "stripe.attempt",
            attempt = number,
            status = response.map(|response| response.status),
            request_id = response.and_then(|response| response.request_id.as_deref()),
            ?took,
            "attempt finished"
        );
        (outcome, took)
    }
}

impl fmt::Debug for Stripe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stripe")
            .field("mode", &self.shared.mode)
            .field("account", &self.account)
            .field("leftover", &self.is_leftover)
            .field("api_version", &self.api_version())
            .finish_non_exhaustive()
    }
}
