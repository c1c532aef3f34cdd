//! One request to Stripe and its answer, as every transport sees them.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use stripe_sync_schema::RateLimitReason;

use super::endpoint;

/// An HTTP method that Stripe's API uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// Reads; free to repeat.
    Get,
    /// Writes; repeated only with an idempotency key.
    Post,
    /// Deletes; repeated only with an idempotency key.
    Delete,
}

impl Method {
    /// The method's name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a request carries.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Body {
    /// Names and values, sent form-encoded (Stripe's v1).
    Form(Vec<(String, String)>),
    /// Bytes that are encoded already, with their content type.
    Raw {
        /// The `Content-Type` header.
        content_type: Cow<'static, str>,
        /// The body itself.
        bytes: Bytes,
    },
}

/// One request, before it is sent.
///
/// ```
/// use stripe_sync::client::Request;
/// let page = Request::get("/v1/customers").query("limit", "100").query("created[gte]", "0");
/// let one = Request::get("/v1/customers").segment("cus_123").account("acct_1");
/// assert_eq!(one.path, "/v1/customers/cus_123");
/// assert_eq!(page.query.len(), 2);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path with its version, without a query: `/v1/customers`.
    pub path: String,
    /// Names and values of the query, not encoded.
    pub query: Vec<(String, String)>,
    /// The body, for a POST.
    pub body: Option<Body>,
    /// The connected account to act for (`Stripe-Account`); the handle's own when `None`.
    pub account: Option<String>,
    /// The key under which Stripe performs a POST once.
    pub idempotency_key: Option<String>,
    /// The endpoint that Stripe's limits count this request under, when the path does not say it.
    pub endpoint: Option<Cow<'static, str>>,
    /// Retries after the first attempt; the handle's own number when `None`.
    pub max_retries: Option<u32>,
    /// The time one attempt may take; the transport's own time-outs alone when `None`.
    pub attempt_timeout: Option<Duration>,
}

impl Request {
    /// A request of any method. A query in `path` (as in v2's `next_page_url`) is taken over.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        let mut path = path.into();
        let mut query = Vec::new();
        if let Some(at) = path.find('?') {
            query = form_urlencoded::parse(&path.as_bytes()[at + 1..])
                .into_owned()
                .collect();
            path.truncate(at);
        }
        Self {
            method,
            path,
            query,
            body: None,
            account: None,
            idempotency_key: None,
            endpoint: None,
            max_retries: None,
            attempt_timeout: None,
        }
    }

    /// A read of `path`, for example `/v1/customers`.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::Get, path)
    }

    /// A write to `path`. It is sent once, unless it has an idempotency key.
    pub fn post(path: impl Into<String>) -> Self {
        Self::new(Method::Post, path)
    }

    /// Appends one path segment, usually an id, escaped so that it stays one segment.
    pub fn segment(mut self, id: &str) -> Self {
        self.path.push('/');
        self.path.push_str(&endpoint::escape_segment(id));
        self
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Adds a parameter to the form-encoded body.
    pub fn form(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let pair = (name.into(), value.into());
        match &mut self.body {
            Some(Body::Form(pairs)) => pairs.push(pair),
            _ => self.body = Some(Body::Form(vec![pair])),
        }
        self
    }

    /// Sets the whole body.
    pub fn body(mut self, body: Body) -> Self {
        self.body = Some(body);
        self
    }

    /// Acts for a connected account.
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// Makes a POST safe to repeat.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// Names the endpoint for the rate budget, for example `/v1/customers/{id}`.
    pub fn endpoint(mut self, template: impl Into<Cow<'static, str>>) -> Self {
        self.endpoint = Some(template.into());
        self
    }

    /// Limits the retries of this request.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = Some(retries);
        self
    }

    /// Limits the time of one attempt.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// Whether a second attempt cannot do more than the first.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.method == Method::Get || self.idempotency_key.is_some()
    }
}

/// Names only: values of queries and bodies may be personal or secret.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.query.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &names)
            .field("has_body", &self.body.is_some())
            .field("account", &self.account)
            .field("idempotent", &self.idempotency_key.is_some())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Body::Form(pairs) => f
                .debug_list()
                .entries(pairs.iter().map(|(name, _)| name))
                .finish(),
            Body::Raw {
                content_type,
                bytes,
            } => {
                write!(f, "{} bytes of {content_type}", bytes.len())
            }
        }
    }
}

/// An answer of any status, whole.
#[derive(Clone)]
#[non_exhaustive]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The body, decompressed and complete.
    pub body: Bytes,
    /// Stripe's id of the request (`req_…`), worth logging.
    pub request_id: Option<String>,
    /// Stripe's clock when it answered: the `Date` header, in unix seconds.
    pub date: Option<i64>,
    /// Why Stripe limited the rate; only with status 429, and not with each.
    pub rate_limited: Option<RateLimitReason>,
    /// Stripe's own word on retrying (`Stripe-Should-Retry`).
    pub should_retry: Option<bool>,
}

impl Response {
    /// An answer without headers.
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            body: body.into(),
            request_id: None,
            date: None,
            rate_limited: None,
            should_retry: None,
        }
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Without the body, which may be personal.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .field("request_id", &self.request_id)
            .field("date", &self.date)
            .field("rate_limited", &self.rate_limited)
            .field("should_retry", &self.should_retry)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_in_the_path_is_taken_over() {
        let request = Request::get("/v2/core/events?page=a%2Bb&limit=2");
        assert_eq!(request.path, "/v2/core/events");
        assert_eq!(request.query[0], ("page".into(), "a+b".into()));
        assert_eq!(request.query[1], ("limit".into(), "2".into()));
    }

    #[test]
    fn debug_shows_no_values() {
        let request = Request::post("/v1/customers")
            .query("email", "jenny@example.com")
            .form("name", "Jenny Rosen")
            .idempotency_key("key-1");
        let shown = format!(
            "{request:?} {:?} {:?}",
            request.body,
            Response::new(200, "Jenny")
        );
        assert!(shown.contains("email") && shown.contains("name"), "{shown}");
        assert!(!shown.contains("jenny") && !shown.contains("Jenny") && !shown.contains("key-1"));
    }

    #[test]
    fn only_reads_and_keyed_writes_repeat() {
        assert!(Request::get("/v1/a").is_repeatable());
        assert!(!Request::post("/v1/a").is_repeatable());
        assert!(!Request::new(Method::Delete, "/v1/a").is_repeatable());
        assert!(Request::post("/v1/a").idempotency_key("k").is_repeatable());
    }
}
