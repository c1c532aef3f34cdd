//! How near a client is to its limits.

use std::time::Duration;

/// A request that had to wait more often than this is near to a limit: half of the last few.
const BUSY: f64 = 0.5;

/// How near a client is to the limits of one endpoint and of its account, at one moment.
///
/// ```
/// # fn run(stripe: stripe_sync::Stripe) {
/// use stripe_sync::client::Request;
/// let pressure = stripe.pressure(&Request::get("/v1/customers"));
/// if pressure.has_room() {
///     // One more reader of customers would make the whole faster.
/// }
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Pressure {
    /// All requests of the account.
    pub account: Load,
    /// Those of the endpoint.
    pub endpoint: Load,
}

/// The load of one limit, see [`Pressure`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Load {
    /// Requests that were sent and have no answer yet.
    pub in_flight: usize,
    /// How many there may be: what the rate and the latency need, and what Stripe's 429s allow.
    pub in_flight_limit: usize,
    /// Requests a second that are sent at most, after what 429s took off. Infinite without a limit.
    pub rate: f64,
    /// Requests a second while no 429 objects: the limit without the headroom, divided by the
    /// processes that share it. Infinite without a limit.
    pub rate_target: f64,
    /// How long a successful answer takes, smoothed over the last few; none before the first.
    pub latency: Option<Duration>,
    /// What the last request that was sent had to wait for here; none where it was sent at once.
    pub waited: Option<WaitedFor>,
    /// The share of the last few requests that had to wait here, from 0 to 1.
    pub waited_share: f64,
}

/// What a request waited for before it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitedFor {
    /// The rate of requests.
    Rate,
    /// An answer, because as many requests were in flight as there may be.
    Answers,
}

impl Pressure {
    /// Whether one more reader of this endpoint would be served: neither the endpoint nor the
    /// account makes requests wait. Where it is false, more readers only wait for each other.
    pub fn has_room(&self) -> bool {
        self.account.has_room() && self.endpoint.has_room()
    }
}

impl Load {
    /// Whether a request would be sent at once, as most of the last few were.
    pub fn has_room(&self) -> bool {
        self.in_flight < self.in_flight_limit && self.waited_share < BUSY
    }
}
