//! How near a client is to its limits.

use std::time::Duration;

/// A request that had to wait more often than this is near to a limit: half of the last few.
const BUSY: f64 = 0.5;
/// More readers than the rate needs on average: an answer is not the end of a reader's round.
const TURNAROUND: f64 = 1.25;
/// Where the rate needs a fraction of a reader, there is a whole one.
const SPARE: usize = 1;
/// One asks while another waits for an answer that is slower than the rest.
const FEWEST: usize = 2;

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

    /// How many readers of this endpoint, which ask for one page after the other, have something to do: what the rate
    /// needs, once it is known how long answers take, and no more than there may be in flight.
    pub(crate) fn readers(&self) -> usize {
        self.account.readers().min(self.endpoint.readers())
    }

    /// How many requests of this endpoint there may be in flight.
    pub(crate) fn in_flight_limit(&self) -> usize {
        let (account, endpoint) = (self.account, self.endpoint);
        account.in_flight_limit.min(endpoint.in_flight_limit)
    }

    /// Whether the endpoint or the account makes requests wait.
    pub(crate) fn waits(&self) -> bool {
        self.account.waits() || self.endpoint.waits()
    }

    /// Whether requests wait for each other's answers.
    pub(crate) fn waits_for_answers(&self) -> bool {
        [self.account, self.endpoint]
            .iter()
            .any(|load| load.waits() && load.waited == Some(WaitedFor::Answers))
    }
}

impl Load {
    /// Whether a request would be sent at once, as most of the last few were.
    pub fn has_room(&self) -> bool {
        self.in_flight < self.in_flight_limit && !self.waits()
    }

    fn waits(&self) -> bool {
        self.waited_share >= BUSY
    }

    fn readers(&self) -> usize {
        match self.latency {
            Some(latency) if self.rate.is_finite() => {
                let needed = self.rate * latency.as_secs_f64() * TURNAROUND;
                // Above zero, and what is cut off is the fraction.
                (needed as usize + SPARE)
                    .max(FEWEST)
                    .min(self.in_flight_limit)
            }
            _ => self.in_flight_limit,
        }
    }
}
