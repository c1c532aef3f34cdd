//! What can go wrong on the road to Stripe.

mod refusal;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use serde::Deserialize;

use super::key::redact;
use super::request::{Method, Request, Response};

/// The longest part of a foreign message that an error keeps, in bytes.
const MESSAGE_LIMIT: usize = 500;

/// Why a client could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The key is not one that reads Stripe's API.
    #[error(
        "expected a secret or restricted Stripe key (sk_live_…, sk_test_…, rk_live_…, rk_test_…), got {found}"
    )]
    Key {
        /// The key, redacted.
        found: String,
    },
    /// The base URL is not an `http` or `https` URL of a host.
    #[error("expected a base URL like https://api.stripe.com, got `{found}`: {reason}")]
    BaseUrl {
        /// What was given, without user name and password.
        found: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A value cannot be an HTTP header.
    #[error("the {what} holds a character that an HTTP header cannot carry")]
    Header {
        /// Which value it is.
        what: &'static str,
    },
    /// The key would go over the network unencrypted.
    #[error(
        "expected an `https` base URL, got `http` and the host `{host}`, where everybody on the way could read the key; only this machine's own addresses need no TLS (`StripeBuilder::send_key_without_tls` allows it for others)"
    )]
    PlainHttp {
        /// The host.
        host: String,
    },
    /// A number that makes no sense.
    #[error("{what} must be {expected}, got {found}")]
    Number {
        /// Which setting it is.
        what: &'static str,
        /// What would be accepted.
        expected: &'static str,
        /// What was given.
        found: f64,
    },
    /// The roots of the operating system cannot be used (in a bare container: no CA certificates).
    #[error("TLS cannot be set up; are CA certificates installed?")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The HTTP client refused its settings.
    #[error("the HTTP client cannot be built")]
    Http(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why one attempt got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection: name, route, TLS, refused.
    Connect,
    /// A connect, read or attempt time-out.
    Timeout,
    /// The answer began and was cut short, or cannot be decompressed.
    Body,
    /// The connection broke before an answer, or anything else on the way.
    Broken,
    /// The transport cannot express this request; another attempt cannot either.
    Unsupported,
    /// The answer is larger than what is read.
    TooLarge,
    /// The request itself cannot be built; another attempt cannot either.
    Invalid,
}

/// One attempt that got no answer.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    kind: TransportErrorKind,
    message: String,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl TransportError {
    /// An error of a kind, in words. What looks like a key is taken out of them.
    pub fn new(kind: TransportErrorKind, message: impl AsRef<str>) -> Self {
        Self {
            kind,
            message: clip(&redact(message.as_ref())),
            cause: None,
        }
    }

    /// Adds the client's own error, for [`cause`](Self::cause). It must not hold a secret, and the message should say what a
    /// person needs of it: `source` does not return it.
    pub fn with_cause(
        mut self,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The error of the HTTP client, if there was one.
    pub fn cause(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.cause.as_deref()
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Whether another attempt may fare better.
    pub fn is_transient(&self) -> bool {
        !matches!(
            self.kind,
            TransportErrorKind::Unsupported
                | TransportErrorKind::Invalid
                | TransportErrorKind::TooLarge
        )
    }
}

/// Stripe's answer that is not a success.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// Stripe's `error.type`, for example `invalid_request_error`.
    pub kind: Option<String>,
    /// Stripe's `error.code`, for example `resource_missing`.
    pub code: Option<String>,
    /// The parameter the error speaks of.
    pub param: Option<String>,
    /// Stripe's words.
    pub message: Option<String>,
    /// Stripe's id of the request.
    pub request_id: Option<String>,
    /// The method of the request.
    pub method: Method,
    /// The path of the request.
    pub path: String,
    /// How often it was tried.
    pub attempts: u32,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Stripe answered {} to {} {}",
            self.status, self.method, self.path
        )?;
        if let Some(code) = self.code.as_ref().or(self.kind.as_ref()) {
            write!(f, ": {code}")?;
        }
        if let Some(param) = &self.param {
            write!(f, " (parameter {param})")?;
        }
        if let Some(message) = &self.message {
            write!(f, ": {message}")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " [{id}]")?;
        }
        if self.attempts > 1 {
            write!(f, " after {} attempts", self.attempts)?;
        }
        Ok(())
    }
}

/// The body of Stripe's errors; v2 has the same outer form.
#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorFields,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ErrorFields {
    r#type: Option<String>,
    code: Option<String>,
    param: Option<String>,
    message: Option<String>,
}

impl ApiError {
    pub(crate) fn new(request: &Request, response: &Response, attempts: u32) -> Self {
        let fields = serde_json::from_slice::<ErrorBody>(&response.body)
            .map(|body| body.error)
            .unwrap_or_default();
        let clean = |text: Option<String>| text.map(|text| clip(&redact(&text)));
        Self {
            status: response.status,
            kind: clean(fields.r#type),
            code: clean(fields.code),
            param: clean(fields.param),
            message: clean(fields.message),
            request_id: response.request_id.clone(),
            method: request.method,
            path: clip(&redact(&request.path)),
            attempts,
        }
    }
}

/// Why a request has no usable answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// Stripe answered, and not with a success.
    #[error("{0}")]
    Api(Box<ApiError>),
    /// No attempt got an answer.
    #[error("no answer to {method} {path} after {attempts} attempt(s): {cause}")]
    Transport {
        /// The method of the request.
        method: Method,
        /// The path of the request.
        path: String,
        /// How often it was tried.
        attempts: u32,
        /// What happened to the last attempt.
        cause: TransportError,
    },
    /// The request and its retries took longer than allowed.
    #[error("{method} {path} did not succeed within {after:?} and {attempts} attempt(s)")]
    TimedOut {
        /// The method of the request.
        method: Method,
        /// The path of the request.
        path: String,
        /// The total time that was allowed; waiting for the rate budget is not counted.
        after: Duration,
        /// How often it was tried.
        attempts: u32,
        /// The result of the last finished attempt.
        #[source]
        last: Option<Box<ClientError>>,
    },
    /// An answer that its reader cannot use.
    #[error("Stripe's answer cannot be read: {message}")]
    Decode {
        /// What was expected and what was found.
        message: String,
    },
}

impl ClientError {
    /// Stripe's own error; of a time-out, that of the last attempt.
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            ClientError::Api(error) => Some(error),
            ClientError::TimedOut { last, .. } => last.as_deref().and_then(ClientError::api),
            _ => None,
        }
    }

    /// The HTTP status of Stripe's answer.
    pub fn status(&self) -> Option<u16> {
        self.api().map(|error| error.status)
    }

    /// Stripe's `error.code`.
    pub fn code(&self) -> Option<&str> {
        self.api().and_then(|error| error.code.as_deref())
    }

    /// Stripe's id of the request.
    pub fn request_id(&self) -> Option<&str> {
        self.api().and_then(|error| error.request_id.as_deref())
    }

    /// Whether Stripe says that the object that was asked for does not exist: status 404 with code
    /// `resource_missing`, or with `not_found` on a path of v2.
    ///
    /// A bare 404 is not enough. A wrong base URL or a proxy answers that too, some with a code
    /// `not_found`, and a mirror would take it for the deletion of everything. Nor is another
    /// status: 400 is about a parameter of the request.
    pub fn is_missing(&self) -> bool {
        let Some(error) = self.api().filter(|error| error.status == 404) else {
            return false;
        };
        match error.code.as_deref() {
            Some("resource_missing") => true,
            Some("not_found") => error.path.starts_with("/v2/"),
            _ => false,
        }
    }

    /// Whether Stripe says that something which the request names does not exist, whatever it is:
    /// the object that was asked for, the parent of a list, a cursor.
    pub(crate) fn names_missing(&self) -> bool {
        self.is_missing() || self.code() == Some("resource_missing")
    }

    /// The parameter that names what does not exist (`id`, or `starting_after` for a cursor whose
    /// object is gone).
    pub fn missing_param(&self) -> Option<&str> {
        if self.names_missing() {
            self.api()?.param.as_deref()
        } else {
            None
        }
    }

    /// Whether the key is wrong, revoked or expired (401).
    pub fn is_unauthorized(&self) -> bool {
        self.status() == Some(401)
    }

    /// Whether the key may not do this (403).
    pub fn is_permission(&self) -> bool {
        self.status() == Some(403)
    }

    /// Whether the same request may succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            ClientError::Api(error) => matches!(error.status, 409 | 429 | 500..),
            ClientError::Transport { cause, .. } => cause.is_transient(),
            ClientError::TimedOut { .. } => true,
            ClientError::Decode { .. } => false,
        }
    }

    pub(crate) fn transport(request: &Request, attempts: u32, cause: TransportError) -> Self {
        ClientError::Transport {
            method: request.method,
            path: clip(&redact(&request.path)),
            attempts,
            cause,
        }
    }
}

/// Cuts text at a character boundary.
fn clip(text: &str) -> String {
    if text.len() <= MESSAGE_LIMIT {
        return text.to_owned();
    }
    let mut end = MESSAGE_LIMIT;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end])
}
