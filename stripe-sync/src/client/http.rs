//! The default transport: a pool of HTTP/2 and HTTP/1.1 connections over rustls with ring.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Url};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;

use super::error::{ConfigError, TransportError, TransportErrorKind};
use super::key::SecretKey;
use super::request::{Body, Method, Request, Response};
use super::transport::{Capabilities, Transport};

const USER_AGENT: &str = concat!("stripe-sync/", env!("CARGO_PKG_VERSION"));
const STRIPE_VERSION: HeaderName = HeaderName::from_static("stripe-version");
const STRIPE_ACCOUNT: HeaderName = HeaderName::from_static("stripe-account");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
/// How often an HTTP/2 connection in use is probed, so that a dead one is noticed before the read
/// time-out, and how long its answer may take.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(20);
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) struct HttpSettings {
    pub(crate) key: SecretKey,
    pub(crate) base_url: String,
    pub(crate) api_version: String,
    pub(crate) connect_timeout: Duration,
    pub(crate) read_timeout: Duration,
    /// Bytes of one answer, decompressed.
    pub(crate) max_body: usize,
    /// Whether the key may go unencrypted to another machine.
    pub(crate) without_tls: bool,
}

/// The default [`Transport`].
pub(crate) struct HttpTransport {
    client: Client,
    /// Without a slash at its end; the request's path follows.
    base: String,
    api_version: String,
    max_body: usize,
}

impl HttpTransport {
    pub(crate) fn new(settings: HttpSettings) -> Result<Self, ConfigError> {
        if settings.key.mode().is_none() {
            return Err(ConfigError::Key {
                found: settings.key.to_string(),
            });
        }
        let base = base_url(&settings.base_url)?;
        let is_tls = base.scheme() == "https";
        let is_loopback = is_loopback(&base);
        if !is_tls && !is_loopback && !settings.without_tls {
            return Err(ConfigError::PlainHttp {
                host: base.host_str().unwrap_or_default().to_owned(),
            });
        }

        let mut headers = HeaderMap::new();
        let mut bearer = header("key", &format!("Bearer {}", settings.key.expose()))?;
        bearer.set_sensitive(true);
        headers.insert(AUTHORIZATION, bearer);
        headers.insert(
            STRIPE_VERSION,
            header("API version", &settings.api_version)?,
        );

        let mut builder = Client::builder()
            .user_agent(USER_AGENT)
            .default_headers(headers)
            .connect_timeout(settings.connect_timeout)
            .read_timeout(settings.read_timeout)
            // Stripe does not redirect, and the key must not follow a proxy that does.
            .redirect(reqwest::redirect::Policy::none())
            // Attempts are counted and spaced by `Stripe`, and by nobody else.
            .retry(reqwest::retry::never())
            .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
            .http2_keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
            .tls_backend_preconfigured(tls(is_tls)?);
        if is_loopback {
            // A proxy of the environment cannot reach this machine's own loopback.
            builder = builder.no_proxy();
        }
        let client = builder
            .build()
            .map_err(|error| ConfigError::Http(error.into()))?;
        let base = base.as_str().trim_end_matches('/').to_owned();
        Ok(Self {
            client,
            base,
            api_version: settings.api_version,
            max_body: settings.max_body,
        })
    }

    /// Reads the body of an answer, but not more than the most: what is small in a compressed answer may be of any size.
    async fn body(&self, response: &mut reqwest::Response) -> Result<Bytes, TransportError> {
        let (mut chunks, mut length) = (Vec::new(), 0);
        while let Some(chunk) = response.chunk().await.map_err(|e| failed(e, true))? {
            length += chunk.len();
            if length > self.max_body {
                return Err(TransportError::new(
                    TransportErrorKind::TooLarge,
                    format!(
                        "the answer is larger than {} bytes, the most that is read (`StripeBuilder::max_body`)",
                        self.max_body
                    ),
                ));
            }
            chunks.push(chunk);
        }
        // Copied once, if at all.
        match <[Bytes; 1]>::try_from(chunks) {
            Ok([whole]) => Ok(whole),
            Err(chunks) => Ok(chunks.concat().into()),
        }
    }

    fn build(&self, request: &Request) -> Result<reqwest::Request, TransportError> {
        let invalid = |what: String| TransportError::new(TransportErrorKind::Invalid, what);
        let mut url = Url::parse(&format!("{}{}", self.base, request.path))
            .map_err(|error| invalid(format!("`{}` is not a path: {error}", request.path)))?;
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut out = reqwest::Request::new(method, url);
        let headers = out.headers_mut();
        for (name, value) in [
            (STRIPE_ACCOUNT, &request.account),
            (IDEMPOTENCY_KEY, &request.idempotency_key),
        ] {
            if let Some(value) = value {
                let value = HeaderValue::from_str(value)
                    .map_err(|_| invalid(format!("the header {name} cannot carry its value")))?;
                headers.insert(name, value);
            }
        }
        match &request.body {
            None => {}
            Some(Body::Form(pairs)) => {
                let form = form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(pairs)
                    .finish();
                headers.insert(CONTENT_TYPE, FORM);
                *out.body_mut() = Some(form.into());
            }
            Some(Body::Raw {
                content_type,
                bytes,
            }) => {
                let content_type = HeaderValue::from_str(content_type)
                    .map_err(|_| invalid("the content type is not a header value".to_owned()))?;
                headers.insert(CONTENT_TYPE, content_type);
                *out.body_mut() = Some(bytes.clone().into());
            }
        }
        Ok(out)
    }
}

impl Transport for HttpTransport {
    fn send<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Response, TransportError>> {
        Box::pin(async move {
            let mut response = self
                .client
                .execute(self.build(request)?)
                .await
                .map_err(|e| failed(e, false))?;
            let headers = response.headers();
            let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
            let mut out = Response::new(response.status().as_u16(), "");
            out.request_id = text("request-id").map(str::to_owned);
            out.date = text("date").and_then(http_date);
            out.rate_limited = text("stripe-rate-limited-reason").map(Into::into);
            out.should_retry = text("stripe-should-retry").and_then(|value| value.parse().ok());
            out.body = self.body(&mut response).await?;
            Ok(out)
        })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
    }

    fn api_version(&self) -> Option<&str> {
        Some(&self.api_version)
    }
}

/// Whether a URL is of this machine, so that nobody else hears what is sent there.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Checks a base URL: `http` or `https`, a host, no user, no query.
fn base_url(given: &str) -> Result<Url, ConfigError> {
    let parsed = Url::parse(given);
    // A URL may carry a password: what cannot be parsed is shown up to its scheme only.
    let found = match &parsed {
        Ok(url) => format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default()),
        Err(_) => given
            .split("://")
            .next()
            .unwrap_or_default()
            .chars()
            .take(20)
            .collect(),
    };
    let wrong = |reason: &str| ConfigError::BaseUrl {
        found: found.clone(),
        reason: reason.into(),
    };
    let url = parsed.map_err(|error| wrong(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("the scheme is neither http nor https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("a user name and a password have no meaning here"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("a query or fragment has no meaning here"));
    }
    Ok(url)
}

fn header(what: &'static str, value: &str) -> Result<HeaderValue, ConfigError> {
    HeaderValue::from_str(value).map_err(|_| ConfigError::Header { what })
}

/// TLS with ring, whatever provider the application has installed for itself. Without `https` the
/// roots are not read: a test in a bare container needs none.
fn tls(needed: bool) -> Result<ClientConfig, ConfigError> {
    let tls_error = |error: rustls::Error| ConfigError::Tls(error.into());
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(tls_error)?;
    let mut config = if needed {
        builder
            .with_platform_verifier()
            .map_err(tls_error)?
            .with_no_client_auth()
    } else {
        builder
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth()
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// `Sun, 22 Nov 2026 10:00:00 GMT` in unix seconds.
fn http_date(text: &str) -> Option<i64> {
    chrono::DateTime::parse_from_rfc2822(text)
        .ok()
        .map(|date| date.timestamp())
}

/// Names the failure, without the URL, whose query may be personal.
fn failed(error: reqwest::Error, in_body: bool) -> TransportError {
    let error = error.without_url();
    let (kind, what) = if error.is_timeout() {
        (TransportErrorKind::Timeout, "timed out")
    } else if error.is_connect() {
        (TransportErrorKind::Connect, "no connection")
    } else if error.is_builder() {
        (TransportErrorKind::Invalid, "the request cannot be built")
    } else if in_body || error.is_body() || error.is_decode() {
        (
            TransportErrorKind::Body,
            "the answer was cut short or cannot be decompressed",
        )
    } else {
        (TransportErrorKind::Broken, "the connection broke")
    };
    // Only the innermost cause says what a person needs: refused, unknown issuer, no such name.
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    TransportError::new(kind, format!("{what}: {cause}")).with_cause(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read() {
        assert_eq!(
            http_date("Sun, 22 Nov 2026 10:00:00 GMT"),
            Some(1_795_341_600)
        );
        assert_eq!(http_date("yesterday"), None);
    }

    #[test]
    fn this_machine_is_told_from_others() {
        for (url, expected) in [
            ("http://localhost:12111", true),
            ("http://127.0.0.1", true),
            ("http://127.9.9.9", true),
            ("http://[::1]:80", true),
            ("http://api.stripe.com", false),
            ("http://localhost.example.com", false),
            ("http://10.0.0.1", false),
            ("http://0.0.0.0", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn base_urls_are_checked() {
        assert!(base_url("http://127.0.0.1:8080").is_ok());
        assert!(base_url("https://proxy.internal/stripe/").is_ok());
        for wrong in [
            "ftp://a.b",
            "https://user:hunter2@a.b",
            "api.stripe.com",
            "http://a.b/?x=1",
        ] {
            let error = base_url(wrong).unwrap_err().to_string();
            assert!(error.contains("expected a base URL"), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
