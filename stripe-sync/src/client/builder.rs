//! The settings of a client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::budget::{Budgets, RateBudget};
use super::http::{HttpSettings, HttpTransport};
use super::key::SecretKey;
use super::meter::Meter;
use super::retry::RetryPolicy;
use super::{API_VERSION, ConfigError, Mode, Shared, Stripe, Transport};

/// Where Stripe's API is.
const BASE_URL: &str = "https://api.stripe.com";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The time-out of Stripe's SDKs: heavy lists do take a minute.
const READ_TIMEOUT: Duration = Duration::from_secs(80);
/// The longest time of one attempt, as in Stripe's SDKs. An answer that comes byte by byte is never silent.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(80);
/// The largest answer. A page of 100 objects with all that they hold is some megabytes.
const MAX_BODY: usize = 256 << 20;
/// With the delays of the default policy, eight retries take half a minute, and up to two after
/// rate limits.
const MAX_RETRIES: u32 = 8;
const TOTAL_TIME: Duration = Duration::from_secs(300);

/// Settings of a [`Stripe`] client; each has a default.
#[must_use]
pub struct StripeBuilder {
    road: Road,
    account: Option<String>,
    max_retries: u32,
    attempt: Duration,
    total: Duration,
    seed: Option<u64>,
    budget: RateBudget,
}

enum Road {
    Http(HttpSettings),
    Custom(Arc<dyn Transport>, Option<Mode>),
}

impl StripeBuilder {
    pub(crate) fn new(key: SecretKey) -> Self {
        Self::with_road(Road::Http(HttpSettings {
            key,
            base_url: BASE_URL.to_owned(),
            api_version: API_VERSION.to_owned(),
            connect_timeout: CONNECT_TIMEOUT,
            read_timeout: READ_TIMEOUT,
            max_body: MAX_BODY,
            without_tls: false,
        }))
    }

    /// Settings of a client over a transport of the user's. The settings of the default transport
    /// (URL, version, connect and read time-outs, size of answers) have no effect on it.
    pub fn over(transport: impl Transport, mode: Option<Mode>) -> Self {
        Self::with_road(Road::Custom(Arc::new(transport), mode))
    }

    fn with_road(road: Road) -> Self {
        Self {
            road,
            account: None,
            max_retries: MAX_RETRIES,
            attempt: ATTEMPT_TIMEOUT,
            total: TOTAL_TIME,
            seed: None,
            budget: RateBudget::default(),
        }
    }

    fn http(mut self, change: impl FnOnce(&mut HttpSettings)) -> Self {
        if let Road::Http(settings) = &mut self.road {
            change(settings);
        }
        self
    }

    /// Another server than `https://api.stripe.com`: a proxy, or a fake for tests. Requests go to
    /// this URL followed by `/v1/…`. With `http` it must be on this machine, see
    /// [`send_key_without_tls`](Self::send_key_without_tls).
    pub fn base_url(self, url: impl Into<String>) -> Self {
        let url = url.into();
        self.http(|settings| settings.base_url = url)
    }

    /// Allows a base URL with `http` on another machine: whoever is on the way can read the key and
    /// the answers. For a proxy within a network that nobody else is in.
    pub fn send_key_without_tls(self, allowed: bool) -> Self {
        self.http(|settings| settings.without_tls = allowed)
    }

    /// The most bytes of one answer, decompressed; default 256 MiB. A larger one is an error, and is
    /// not asked for again.
    pub fn max_body(self, bytes: usize) -> Self {
        self.http(|settings| settings.max_body = bytes)
    }

    /// The `Stripe-Version` that every request names; default [`API_VERSION`]. The derive's checks
    /// speak for the default only.
    pub fn api_version(self, version: impl Into<String>) -> Self {
        let version = version.into();
        self.http(|settings| settings.api_version = version)
    }

    /// The time for a connection, TLS included; default 10 s.
    pub fn connect_timeout(self, limit: Duration) -> Self {
        self.http(|settings| settings.connect_timeout = limit)
    }

    /// The longest silence while waiting for an answer or reading one; default 80 s, as in
    /// Stripe's SDKs.
    pub fn read_timeout(self, limit: Duration) -> Self {
        self.http(|settings| settings.read_timeout = limit)
    }

    /// Acts for a connected account (`Stripe-Account`); default none.
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// The time that one attempt at a request may take, its answer included; default 80 s.
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt = limit;
        self
    }

    /// The time that a request may take with all its retries and the delays between them; default
    /// 300 s. Waiting for the rate budget does not count.
    pub fn total_time(mut self, limit: Duration) -> Self {
        self.total = limit;
        self
    }

    /// Retries after the first attempt; default 8, 0 turns retrying off.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = retries;
        self
    }

    /// The rate of requests; default Stripe's documented limits less a share for the application.
    pub fn budget(mut self, budget: RateBudget) -> Self {
        self.budget = budget;
        self
    }

    /// Makes the jitter of delays repeatable, for tests.
    pub fn retry_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The client.
    ///
    /// # Errors
    /// A setting that cannot work, or TLS that cannot be set up.
    pub fn build(self) -> Result<Stripe, ConfigError> {
        self.budget.validate()?;
        let (transport, mode): (Arc<dyn Transport>, _) = match self.road {
            Road::Http(settings) => {
                let mode = settings.key.mode();
                (Arc::new(HttpTransport::new(settings)?), mode)
            }
            Road::Custom(transport, mode) => (transport, mode),
        };
        Ok(Stripe {
            is_leftover: false,
            shared: Arc::new(Shared {
                transport,
                mode,
                retry: RetryPolicy::new(self.max_retries, self.attempt, self.total, self.seed),
                budgets: Budgets::new(self.budget, mode),
                totals: Meter::new(),
            }),
            account: self.account.map(Into::into),
        })
    }
}

impl fmt::Debug for StripeBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("StripeBuilder");
        if let Road::Http(settings) = &self.road {
            out.field("key", &settings.key)
                .field("api_version", &settings.api_version)
                .field("connect_timeout", &settings.connect_timeout)
                .field("read_timeout", &settings.read_timeout)
                .field("max_body", &settings.max_body);
        }
        out.field("account", &self.account)
            .field("max_retries", &self.max_retries)
            .field("attempt_timeout", &self.attempt)
            .field("total_time", &self.total)
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}
