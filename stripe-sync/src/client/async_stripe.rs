//! async-stripe on both sides of this client (feature `async-stripe`).
//!
//! **An application's own calls through this client.** [`Stripe`] implements async-stripe's
//! [`StripeClient`], so `CreateCustomer::new().send(&stripe)` shares its connections, its retries
//! and its rate budget. A POST is sent once, unless its request strategy brings an idempotency key
//! or asks for retries (then it gets a random key).
//!
//! **This client over async-stripe.** [`AsyncStripeTransport`] makes any [`StripeClient`] a
//! [`Transport`]: `stripe::Client` with [`AsyncStripeTransport::new`], another
//! with [`AsyncStripeTransport::with_classifier`]. Retries and budget stay this crate's: the client's
//! own request strategy is set to one attempt. What is lost against the default transport:
//!
//! | | default transport | `stripe::Client` (1.0.0-rc.10) |
//! |---|---|---|
//! | API version | the one the schema speaks for, or set | async-stripe's own; columns may be absent |
//! | connections | pooled, HTTP/2 | one per request: its pool is off |
//! | time-outs | connect, read, total | the total of [`Stripe`] alone, unless set on the client |
//! | `Request-Id` in errors | yes | no |
//! | Stripe's clock (`Date`) | yes | no: the `snapshot` policy of events is refused |
//! | `Stripe-Rate-Limited-Reason` | shrinks the right budget | each 429 of the limiter shrinks the endpoint's |
//! | `Stripe-Should-Retry` | wins | ignored |
//! | an error that is not JSON (502 of a proxy) | its status | retried as a broken connection |
//! | `/v2/…` | yes | no: refused |
//! | gzip | yes | no |

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use stripe_client_core::{
    ConfigOverride, CustomizedStripeRequest, RequestBuilder, RequestStrategy, StripeClient,
    StripeClientErr, StripeMethod, VERSION,
};

use super::error::{ClientError, TransportError, TransportErrorKind};
use super::meter::Meter;
use super::request::{Body, Method, Request, Response};
use super::transport::{Capabilities, Transport};
use super::{Stripe, key::redact};

const FORM: &str = "application/x-www-form-urlencoded";

/// What an error of a foreign client means.
#[derive(Debug)]
#[non_exhaustive]
pub enum ForeignError {
    /// Stripe answered with an error.
    Api {
        /// The HTTP status.
        status: u16,
        /// Stripe's `error.type`.
        kind: Option<String>,
        /// Stripe's `error.code`.
        code: Option<String>,
        /// Stripe's `error.param`.
        param: Option<String>,
        /// Stripe's `error.message`.
        message: Option<String>,
    },
    /// There was no answer that can be used.
    Transport(TransportError),
}

/// Tells what an error of async-stripe's own client means.
#[doc(hidden)]
pub fn classify(error: stripe::StripeError) -> ForeignError {
    use TransportErrorKind::{Body, Broken, Invalid, Timeout};
    let (kind, message) = match error {
        stripe::StripeError::Stripe(error, status) => {
            return ForeignError::Api {
                status,
                kind: Some(error.type_.as_str().to_owned()),
                code: error.code.map(|code| code.as_str().to_owned()),
                param: error.param,
                message: error.message,
            };
        }
        // The client reports an error page that is not Stripe's JSON like this.
        stripe::StripeError::JSONDeserialize(message) => (Body, message),
        stripe::StripeError::ClientError(message) => (Broken, message),
        stripe::StripeError::ConfigError(message) => (Invalid, message),
        stripe::StripeError::Timeout => (Timeout, "timed out".to_owned()),
    };
    ForeignError::Transport(TransportError::new(kind, message))
}

/// A [`StripeClient`] of async-stripe as the transport.
///
/// ```
/// use stripe_sync::client::async_stripe::AsyncStripeTransport;
/// use stripe_sync::client::{ConfigError, Mode, Stripe};
///
/// /// `client` is a `stripe::Client`, or another client with the same error type.
/// fn over<C>(client: C) -> Result<Stripe, ConfigError>
/// where
///     C: stripe_client_core::StripeClient<Err = stripe::StripeError> + Send + Sync + 'static,
/// {
///     Stripe::with_transport(AsyncStripeTransport::new(client), Some(Mode::Test))
/// }
/// ```
#[derive(Debug)]
pub struct AsyncStripeTransport<C, F> {
    client: C,
    classify: F,
    version: Option<String>,
}

impl<C> AsyncStripeTransport<C, fn(stripe::StripeError) -> ForeignError>
where
    C: StripeClient<Err = stripe::StripeError> + Send + Sync + 'static,
{
    /// A client with async-stripe's own error type, `stripe::Client` first of all.
    pub fn new(client: C) -> Self {
        Self {
            client,
            classify,
            version: Some(VERSION.to_string()),
        }
    }
}

impl<C, F> AsyncStripeTransport<C, F>
where
    C: StripeClient + Send + Sync + 'static,
    F: Fn(C::Err) -> ForeignError + Send + Sync + 'static,
{
    /// A client with an error type of its own; `classify` says what its errors mean.
    pub fn with_classifier(client: C, classify: F) -> Self {
        Self {
            client,
            classify,
            version: None,
        }
    }
}

impl<C, F> Transport for AsyncStripeTransport<C, F>
where
    C: StripeClient + Send + Sync + 'static,
    C::Err: Send,
    F: Fn(C::Err) -> ForeignError + Send + Sync + 'static,
{
    fn send<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Response, TransportError>> {
        Box::pin(async move {
            let mut customized = foreign(request)?.customize::<()>();
            if let Some(account) = &request.account {
                customized = customized.account_id(account.as_str().into());
            }
            let strategy = match &request.idempotency_key {
                Some(key) => {
                    let key = stripe_client_core::IdempotencyKey::new(key)
                        .map_err(|e| unusable(TransportErrorKind::Invalid, e.to_string()))?;
                    RequestStrategy::Idempotent(key)
                }
                None => RequestStrategy::Once,
            };
            let tap = Tap {
                client: &self.client,
                answer: Mutex::new(None),
            };
            let sent = customized.request_strategy(strategy).send(&tap).await;
            let answer = tap
                .answer
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner);
            match (answer, sent) {
                (Some(body), _) => Ok(Response::new(200, body)),
                (None, Err(error)) => match (self.classify)(error) {
                    ForeignError::Transport(error) => Err(error),
                    ForeignError::Api {
                        status,
                        kind,
                        code,
                        param,
                        message,
                    } => {
                        let body = serde_json::json!({ "error": {
                            "type": kind, "code": code, "param": param, "message": message,
                        } });
                        Ok(Response::new(status, body.to_string()))
                    }
                },
                (None, Ok(())) => Err(unusable(
                    TransportErrorKind::Broken,
                    "the client did not answer",
                )),
            }
        })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::minimal().connected_accounts(true)
    }

    fn api_version(&self) -> Option<&str> {
        self.version.as_deref()
    }
}

fn unusable(kind: TransportErrorKind, what: impl AsRef<str>) -> TransportError {
    TransportError::new(kind, what)
}

/// Our request in async-stripe's words. Its clients put `/v1` before the path themselves.
fn foreign(request: &Request) -> Result<RequestBuilder, TransportError> {
    let refused = |what: String| unusable(TransportErrorKind::Unsupported, what);
    let path = request
        .path
        .strip_prefix("/v1")
        .filter(|path| path.starts_with('/'));
    let Some(path) = path else {
        return Err(refused(format!(
            "async-stripe reaches /v1/ only, not {}",
            request.path
        )));
    };
    let method = match request.method {
        Method::Get => StripeMethod::Get,
        Method::Post => StripeMethod::Post,
        Method::Delete => StripeMethod::Delete,
    };
    let encode = |pairs: &[(String, String)]| {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish()
    };
    let mut out = RequestBuilder::new(method, path);
    out.query = (!request.query.is_empty()).then(|| encode(&request.query));
    out.body = match &request.body {
        None => None,
        Some(Body::Form(pairs)) => Some(encode(pairs)),
        Some(Body::Raw {
            content_type,
            bytes,
        }) if content_type == FORM => {
            let text = std::str::from_utf8(bytes).map_err(|_| refused("a form is text".into()))?;
            Some(text.to_owned())
        }
        Some(Body::Raw { content_type, .. }) => {
            return Err(refused(format!(
                "async-stripe sends forms only, not {content_type}"
            )));
        }
    };
    Ok(out)
}

/// Keeps the bytes and hands `null` on, which reads as `()`: only `send` can call a client, and it
/// wants to read the answer itself.
struct Tap<'a, C> {
    client: &'a C,
    answer: Mutex<Option<Bytes>>,
}

impl<C: StripeClient + Sync> StripeClient for Tap<'_, C> {
    type Err = C::Err;

    async fn execute(&self, request: CustomizedStripeRequest) -> Result<Bytes, C::Err> {
        let body = self.client.execute(request).await?;
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        Ok(Bytes::from_static(b"null"))
    }
}

impl StripeClientErr for ClientError {
    fn deserialize_err(message: impl std::fmt::Display) -> Self {
        ClientError::Decode {
            message: redact(&message.to_string()),
        }
    }
}

/// An application's own calls, in the same pool and budget; counted in [`Stripe::totals`].
impl StripeClient for Stripe {
    type Err = ClientError;

    async fn execute(&self, request: CustomizedStripeRequest) -> Result<Bytes, ClientError> {
        let (builder, overrides) = request.into_pieces();
        let request = ours(builder, overrides);
        Ok(self.send(request, &Meter::new()).await?.body)
    }
}

/// async-stripe's request in our words.
fn ours(builder: RequestBuilder, overrides: ConfigOverride) -> Request {
    let method = match builder.method {
        StripeMethod::Get => Method::Get,
        StripeMethod::Post => Method::Post,
        StripeMethod::Delete => Method::Delete,
    };
    let mut request = Request::new(method, format!("/v1{}", builder.path));
    if let Some(query) = builder.query {
        request
            .query
            .extend(form_urlencoded::parse(query.as_bytes()).into_owned());
    }
    request.body = builder.body.map(|body| Body::Raw {
        content_type: Cow::Borrowed(FORM),
        bytes: Bytes::from(body),
    });
    request.account = overrides.account_id.map(|id| id.as_str().to_owned());
    request.attempt_timeout = overrides.timeout;
    match overrides.request_strategy {
        None => {}
        Some(RequestStrategy::Once) => request.max_retries = Some(0),
        Some(RequestStrategy::Idempotent(key)) => {
            request.idempotency_key = Some(key.into_inner());
        }
        Some(RequestStrategy::Retry(tries) | RequestStrategy::ExponentialBackoff(tries)) => {
            request.max_retries = Some(tries.saturating_sub(1));
            if method != Method::Get {
                request.idempotency_key = Some(random_key());
            }
        }
    }
    request
}

/// async-stripe makes such keys only with its feature `uuid`.
fn random_key() -> String {
    format!("stripe-sync-{:032x}", fastrand::u128(..))
}

/// An object that does not fit async-stripe's type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the object does not fit `{expected}`: async-stripe speaks for API version {VERSION}")]
pub struct TypedError {
    /// The Rust type that was asked for.
    pub expected: &'static str,
}

/// Reads an object's bytes as a type of async-stripe, for example `stripe_shared::Customer`.
///
/// # Errors
/// The bytes do not fit the type; async-stripe does not say where.
pub fn typed<T: miniserde::Deserialize>(bytes: &[u8]) -> Result<T, TypedError> {
    let unfit = TypedError {
        expected: std::any::type_name::<T>(),
    };
    let text = std::str::from_utf8(bytes).map_err(|_| unfit.clone())?;
    miniserde::json::from_str(text).map_err(|_| unfit)
}

#[cfg(test)]
mod tests;
