//! Events as requests to a service, signed as Stripe signs them.

use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, StatusCode, Url};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use stripe_sync::webhook::{Event, SIGNATURE_HEADER, WebhookSecret};

use crate::exit::Exit;
use crate::failure::Failure;

/// How long a service may take, as with `stripe listen`.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Posts events to one place.
pub(super) struct Forwarder {
    client: Client,
    url: Url,
    headers: HeaderMap,
    secret: WebhookSecret,
}

/// The result of a request.
pub(super) enum Answer {
    /// The service answered.
    Status(u16),
    /// Nobody answered for it: it is tried again.
    Down(String),
}

impl Forwarder {
    /// A forwarder to `localhost:3000/webhook` or a whole address, with these headers besides Stripe's.
    ///
    /// # Errors
    /// When it is no address, or a header is none.
    pub(super) fn new(target: &str, headers: &[String], secret: &str) -> Result<Self, Failure> {
        let whole = match target.contains("://") {
            true => target.to_owned(),
            // As `stripe listen` takes a port alone.
            false if target.bytes().all(|byte| byte.is_ascii_digit()) => {
                format!("http://localhost:{target}")
            }
            false => format!("http://{target}"),
        };
        let wrong = || {
            Failure::usage(format!(
                "expected an address such as localhost:3000/stripe/webhook, got {target}"
            ))
            .next("give the service's route with `--forward-to`")
        };
        let url: Url = whole.parse().map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(wrong());
        }
        let mut named = HeaderMap::new();
        for header in headers {
            // A value may be a secret: only the name is shown.
            let name = header.split(':').next().unwrap_or_default();
            let parsed = header.split_once(':').and_then(|(name, value)| {
                let value = HeaderValue::from_str(value.trim()).ok()?;
                Some((HeaderName::from_bytes(name.trim().as_bytes()).ok()?, value))
            });
            let Some((name, value)) = parsed else {
                return Err(Failure::usage(format!(
                    "expected a header such as 'Name: value', got one named `{name}`"
                ))
                .next("check what stands behind `-H`"));
            };
            named.append(name, value);
        }
        named.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/json; charset=utf-8"),
        );
        let client = client(url.scheme() == "https").map_err(|error| {
            Failure::new(
                Exit::Failed,
                format!("the HTTP client cannot be made: {error}"),
            )
        })?;
        let secret = WebhookSecret::new(secret)
            .map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
        Ok(Self {
            client,
            url,
            headers: named,
            secret,
        })
    }

    /// Where events go.
    pub(super) fn target(&self) -> &str {
        self.url.as_str()
    }

    /// Sends an event once, signed now.
    pub(super) async fn send(&self, event: &Event) -> Answer {
        let now = chrono::Utc::now().timestamp();
        let signature = self.secret.sign(now, event.payload());
        let request = self
            .client
            .post(self.url.clone())
            .headers(self.headers.clone())
            .header(SIGNATURE_HEADER, signature)
            .body(event.payload().clone());
        match request.send().await {
            Ok(answer) => match answer.status() {
                // A gateway says that nobody is behind it.
                status @ (StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT) => {
                    Answer::Down(format!("{} answered {status}", self.target()))
                }
                status => Answer::Status(status.as_u16()),
            },
            Err(error) => Answer::Down(format!(
                "{} does not answer: {}",
                self.target(),
                innermost(&error)
            )),
        }
    }
}

/// A client with ring, whatever provider the program has installed for itself, and the system's roots.
fn client(with_tls: bool) -> Result<Client, Box<dyn std::error::Error>> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?;
    // In a bare container there are no roots, and plain HTTP needs none.
    let config = match with_tls {
        true => config.with_platform_verifier()?,
        false => config.with_root_certificates(RootCertStore::empty()),
    };
    let client = Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .tls_backend_preconfigured(config.with_no_client_auth())
        .build()?;
    Ok(client)
}

/// What an error is at its bottom: the layers above it say less.
fn innermost(error: &reqwest::Error) -> String {
    let mut source: &dyn std::error::Error = error;
    while let Some(below) = source.source() {
        source = below;
    }
    source.to_string()
}
