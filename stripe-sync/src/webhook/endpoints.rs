//! The account's webhook endpoints: found, created, brought up to date and removed.

pub(crate) mod answer;
pub(crate) mod error;
pub(crate) mod types;

use serde::de::DeserializeOwned;
use xxhash_rust::xxh3::xxh3_128;

use crate::client::{API_VERSION, Meter, Method, Request, Response, Stripe};
use crate::sync::list::{ListTarget, Pager};
use answer::{Deleted, EndpointStatus, List, WebhookEndpoint};
use error::EndpointError;

const PATH: &str = "/v1/webhook_endpoints";
/// Endpoints that Stripe allows an account in each mode. Destinations of thin events count too, and no list of v1 shows them.
const MOST_ENDPOINTS: usize = 16;
/// Marks the endpoints that this crate creates, and says for whom: two endpoints may have one URL, one for the account's own
/// events and one for those of its connected accounts, and Stripe does not say which is which.
const MARK: &str = "stripe_sync";
/// The mark of one for connected accounts.
const CONNECT: &str = "connect";
/// Seconds after which a create has another idempotency key. Stripe repeats its first answer to a key for a day, a 500 too.
const KEY_PERIOD: i64 = 600;

/// The webhook endpoints of an account, in the mode of the client's key.
///
/// ```no_run
/// # #[cfg(feature = "sqlite")]
/// # async fn run(stripe: stripe_sync::Stripe) -> Result<(), Box<dyn std::error::Error>> {
/// use stripe_sync::webhook::{WebhookEndpoints, event_types};
/// use stripe_sync::StripeSync;
///
/// #[derive(StripeSync)]
/// #[stripe(object = "customer", table = "customers")]
/// struct Customer {
///     id: String,
/// }
///
/// let events = event_types(&[Customer::MODEL]);
/// let endpoints = WebhookEndpoints::new(&stripe);
/// let endpoint = endpoints.ensure("https://example.com/stripe/events", &events).await?;
/// if let Some(secret) = endpoint.secret {
///     // Stripe shows it this once.
///     println!("STRIPE_WEBHOOK_SECRET={}", secret.expose());
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct WebhookEndpoints {
    stripe: Stripe,
    connect: bool,
}

/// What to change of an endpoint; nothing of what is not set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct EndpointUpdate {
    url: Option<String>,
    event_types: Option<Vec<String>>,
    enabled: Option<bool>,
    description: Option<String>,
}

impl EndpointUpdate {
    /// Changes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends deliveries here from now on.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Replaces the event types.
    pub fn event_types<T: Into<String>>(mut self, types: impl IntoIterator<Item = T>) -> Self {
        self.event_types = Some(types.into_iter().map(Into::into).collect());
        self
    }

    /// Enables or disables it. What happens while it is disabled is never delivered.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = Some(enabled);
        self
    }

    /// Replaces the description.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }
}

impl WebhookEndpoints {
    /// The endpoints for the account's own events.
    pub fn new(stripe: &Stripe) -> Self {
        Self {
            stripe: stripe.clone(),
            connect: false,
        }
    }

    /// Creates and finds endpoints for the events of connected accounts instead.
    pub fn connect(mut self) -> Self {
        self.connect = true;
        self
    }

    /// Makes sure that an enabled endpoint of this URL gets exactly these event types.
    ///
    /// An endpoint that is there is brought up to date; its API version cannot be changed and is told in the answer. A new
    /// one gets the API version that this crate speaks, and its secret is in the answer, this once. Of several endpoints with
    /// this URL it takes one that it created itself, then one of this API version, then an enabled one, then the oldest.
    /// It is safe to call at each start of a program, from several processes at once.
    ///
    /// # Errors
    /// No event type, a wildcard other than `*`, as many endpoints as Stripe allows, and all that Stripe refuses.
    pub async fn ensure<T: AsRef<str>>(
        &self,
        url: &str,
        event_types: &[T],
    ) -> Result<WebhookEndpoint, EndpointError> {
        let wanted = sorted(event_types)?;
        let all = self.list().await?;
        let Some(found) = self.choose(&all, url) else {
            return self.create(url, &wanted, &all).await;
        };
        let mut changes = EndpointUpdate::new();
        if sorted(&found.enabled_events).ok().as_ref() != Some(&wanted) {
            changes = changes.event_types(wanted);
        }
        if found.status != EndpointStatus::Enabled {
            changes = changes.enabled(true);
        }
        if changes == EndpointUpdate::new() {
            return Ok(found.clone());
        }
        self.update(&found.id, changes).await
    }

    /// Creates a second endpoint of the same URL as one that is there, with a secret of its own: Stripe does not change the
    /// secret of an endpoint, nor tell it again. The old one stays, so nothing is missed while the service learns the new
    /// secret; then it is [removed](Self::remove). Until then each event is delivered by both, and kept once.
    ///
    /// # Errors
    /// As [`WebhookEndpoints::ensure`].
    pub async fn create_beside<T: AsRef<str>>(
        &self,
        endpoint: &WebhookEndpoint,
        event_types: &[T],
    ) -> Result<WebhookEndpoint, EndpointError> {
        let wanted = sorted(event_types)?;
        let all = self.list().await?;
        let endpoints = Self {
            stripe: self.stripe.clone(),
            connect: match endpoint.metadata.get(MARK) {
                Some(mark) => mark == CONNECT,
                None => self.connect,
            },
        };
        endpoints.create(&endpoint.url, &wanted, &all).await
    }

    /// All endpoints, newest first.
    ///
    /// # Errors
    /// Stripe refuses, or its answer cannot be read.
    pub async fn list(&self) -> Result<Vec<WebhookEndpoint>, EndpointError> {
        let mut all: Vec<WebhookEndpoint> = Vec::new();
        let mut list = Pager::new((PATH, true), Vec::new(), ListTarget::Rows);
        loop {
            let page: List = match self.send(list.request()).await {
                Ok(page) => page,
                Err(EndpointError::Client(error))
                    if error.missing_param() == Some("starting_after") =>
                {
                    list.vanished().map_err(EndpointError::list)?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let ids = page.data.iter().map(|one| one.id.clone()).collect();
            // Behind an earlier cursor some come once more.
            for one in page.data {
                if all.iter().all(|known| known.id != one.id) {
                    all.push(one);
                }
            }
            let ended = list.turn(ids, None, page.has_more);
            if ended.map_err(EndpointError::list)? {
                return Ok(all);
            }
        }
    }

    /// The endpoint of this URL; of several the one that [`WebhookEndpoints::ensure`] takes.
    ///
    /// # Errors
    /// As [`WebhookEndpoints::list`].
    pub async fn find(&self, url: &str) -> Result<Option<WebhookEndpoint>, EndpointError> {
        let all = self.list().await?;
        Ok(self.choose(&all, url).cloned())
    }

    /// Changes an endpoint, by its id.
    ///
    /// # Errors
    /// An empty list of event types, a wildcard other than `*`, and all that Stripe refuses.
    pub async fn update(
        &self,
        id: &str,
        changes: EndpointUpdate,
    ) -> Result<WebhookEndpoint, EndpointError> {
        let mut request = Request::post(PATH).segment(id);
        if let Some(url) = changes.url {
            request = request.form("url", url);
        }
        if let Some(types) = changes.event_types {
            for event_type in sorted(&types)? {
                request = request.form("enabled_events[]", event_type);
            }
        }
        if let Some(enabled) = changes.enabled {
            request = request.form("disabled", (!enabled).to_string());
        }
        if let Some(description) = changes.description {
            request = request.form("description", description);
        }
        self.send(request.idempotency_key(random_key())).await
    }

    /// Removes an endpoint, by its id or its URL: every endpoint of the URL that is for the same accounts, as far as that is known.
    /// Answers the ids of those that were removed; none is no error.
    ///
    /// # Errors
    /// All that Stripe refuses.
    pub async fn remove(&self, id_or_url: &str) -> Result<Vec<String>, EndpointError> {
        let ids = if id_or_url.contains("://") {
            let all = self.list().await?;
            let of_url = all.into_iter().filter(|one| self.is_for(one, id_or_url));
            of_url.map(|one| one.id).collect()
        } else {
            vec![id_or_url.to_owned()]
        };
        let mut removed = Vec::new();
        for id in ids {
            let request = Request::new(Method::Delete, PATH)
                .segment(&id)
                .idempotency_key(random_key());
            match self.send::<Deleted>(request).await {
                Ok(answer) => removed.push(answer.id),
                // Someone else was faster.
                Err(error) if error.is_missing() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(removed)
    }

    async fn create(
        &self,
        url: &str,
        types: &[String],
        all: &[WebhookEndpoint],
    ) -> Result<WebhookEndpoint, EndpointError> {
        if all.len() >= MOST_ENDPOINTS {
            return Err(EndpointError::TooMany {
                url: url.to_owned(),
                limit: MOST_ENDPOINTS,
            });
        }
        let mut request = Request::post(PATH)
            .form("url", url)
            .form("api_version", API_VERSION)
            .form(format!("metadata[{MARK}]"), self.mark());
        if self.connect {
            request = request.form("connect", "true");
        }
        for event_type in types {
            request = request.form("enabled_events[]", event_type);
        }
        // Two processes that start at once and see the same endpoints send the same key: Stripe creates one endpoint.
        let ids: Vec<&str> = all.iter().map(|one| one.id.as_str()).collect();
        let period = chrono::Utc::now().timestamp() / KEY_PERIOD;
        let what = format!("{period} {url} {types:?} {} {ids:?}", self.mark());
        let key = format!("stripe-sync-{:032x}", xxh3_128(what.as_bytes()));
        let created: WebhookEndpoint = self.send(request.clone().idempotency_key(key)).await?;
        // Stripe repeats its answer to a key for a day: the endpoint may have been removed in that time.
        let check = Request::get(PATH).segment(&created.id);
        match self.send::<WebhookEndpoint>(check).await {
            Ok(_) => Ok(created),
            Err(error) if error.is_missing() => {
                self.send(request.idempotency_key(random_key())).await
            }
            Err(error) => Err(error),
        }
    }

    fn mark(&self) -> &'static str {
        if self.connect { CONNECT } else { "account" }
    }

    /// Whether an endpoint has this URL and is not known to be for other accounts.
    fn is_for(&self, endpoint: &WebhookEndpoint, url: &str) -> bool {
        let mark = endpoint.metadata.get(MARK);
        endpoint.url == url && mark.is_none_or(|mark| mark == self.mark())
    }

    fn choose<'a>(&self, all: &'a [WebhookEndpoint], url: &str) -> Option<&'a WebhookEndpoint> {
        let of_url = all.iter().filter(|one| self.is_for(one, url));
        // The last of equals is the oldest.
        of_url.max_by_key(|one| {
            (
                one.metadata.contains_key(MARK),
                one.api_version.as_deref() == Some(API_VERSION),
                one.status == EndpointStatus::Enabled,
            )
        })
    }

    async fn send<T: DeserializeOwned>(&self, request: Request) -> Result<T, EndpointError> {
        let what = format!("{} {}", request.method, request.path);
        let answer: Response = self.stripe.send(request, &Meter::new()).await?;
        serde_json::from_slice(&answer.body).map_err(|cause| EndpointError::Answer {
            request: what,
            bytes: answer.body.len(),
            request_id: answer.request_id,
            cause,
        })
    }
}

/// Event types in order and once each, as they are sent and compared.
fn sorted<T: AsRef<str>>(types: &[T]) -> Result<Vec<String>, EndpointError> {
    let mut sorted: Vec<String> = types.iter().map(|one| one.as_ref().to_owned()).collect();
    sorted.sort_unstable();
    sorted.dedup();
    if sorted.is_empty() {
        return Err(EndpointError::NoEventTypes);
    }
    match sorted.iter().find(|one| one.contains('*') && *one != "*") {
        None => Ok(sorted),
        Some(wildcard) => Err(EndpointError::Wildcard {
            event_type: wildcard.clone(),
        }),
    }
}

/// A key that makes one request safe to repeat.
fn random_key() -> String {
    format!("stripe-sync-{:032x}", fastrand::u128(..))
}

#[cfg(all(test, feature = "testing"))]
mod tests;
