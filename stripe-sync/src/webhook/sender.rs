//! Who sends deliveries that Stripe did not sign, and how they prove it.

use std::fmt;
use std::sync::Arc;

use hmac::digest::CtOutput;
use hmac::{Hmac, KeyInit, Mac};
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use sha2::Sha256;

use crate::calls::call;
use crate::webhook::handshake::{EVENT_GRID_ORIGIN, answer_handshake, only};

/// The shortest secret, in bytes: it is all that keeps strangers from writing events.
const SHORTEST: usize = 16;

type Check = dyn Fn(&Parts) -> bool + Send + Sync;

/// A cloud's event service, which delivers events without Stripe's signature: how its requests are told from a stranger's.
///
/// There is no default: whoever could post to the endpoint unchecked could have handlers run for events that never
/// happened. Give the sender a secret of your own (Event Grid: a delivery property, or an authorization header; EventBridge:
/// the API key of a connection), or check the request yourself.
///
/// ```
/// use stripe_sync::webhook::TrustedSender;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // `Authorization: Bearer …`, or a header of your choice.
/// let sender = TrustedSender::bearer("a long random text of your own")?;
/// let sender = TrustedSender::header(http::HeaderName::from_static("x-grid-secret"), "another long random text")?;
/// // Or anything else that the request holds.
/// let sender = TrustedSender::checked_by(|request| request.extensions.get::<ClientCertificate>().is_some());
/// # #[derive(Clone)] struct ClientCertificate;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct TrustedSender {
    check: Arc<Check>,
    origins: Vec<String>,
}

/// A secret that could be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a secret of at least {SHORTEST} bytes, got one of {length}")]
#[non_exhaustive]
pub struct ShortSecret {
    /// Its length in bytes, without the white space around it.
    pub length: usize,
}

impl TrustedSender {
    /// Trusts requests that a function says come from the sender, by their headers, URL or extensions. A secret is to be
    /// compared in constant time, as [`bearer`](Self::bearer) and [`header`](Self::header) do.
    pub fn checked_by(check: impl Fn(&Parts) -> bool + Send + Sync + 'static) -> Self {
        Self {
            check: Arc::new(check),
            origins: vec![EVENT_GRID_ORIGIN.to_owned()],
        }
    }

    /// Trusts requests with the header `Authorization: Bearer <secret>`. The comparison takes the same time wherever two
    /// secrets differ.
    ///
    /// # Errors
    /// When the secret is shorter than 16 bytes.
    pub fn bearer(secret: impl AsRef<str>) -> Result<Self, ShortSecret> {
        let secret = Fingerprint::of_secret(secret.as_ref())?;
        Ok(Self::checked_by(move |request| {
            let token = only(&request.headers, &AUTHORIZATION).and_then(token);
            token.is_some_and(|token| secret.fits(token))
        }))
    }

    /// Trusts requests that carry a secret in a header, and nothing else in it. The comparison takes the same time wherever
    /// two secrets differ.
    ///
    /// # Errors
    /// When the secret is shorter than 16 bytes.
    pub fn header(name: HeaderName, secret: impl AsRef<str>) -> Result<Self, ShortSecret> {
        let secret = Fingerprint::of_secret(secret.as_ref())?;
        Ok(Self::checked_by(move |request| {
            only(&request.headers, &name).is_some_and(|value| secret.fits(value.as_bytes()))
        }))
    }

    /// The names that may ask for deliveries in the [handshake](answer_handshake) of CloudEvents, instead of
    /// [`EVENT_GRID_ORIGIN`]: those of another cloud, or none.
    #[must_use]
    pub fn origins(mut self, origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.origins = origins.into_iter().map(Into::into).collect();
        self
    }

    /// What is answered before anybody reads the body: the handshake, or a refusal. `None` if it is a delivery to take.
    pub(crate) fn before_body(&self, request: &Parts) -> Option<Response<String>> {
        // The handshake comes without the secret, and grants nothing but that deliveries are sent.
        if request.method == Method::OPTIONS {
            return Some(answer_handshake(&request.headers, &self.origins));
        }
        if request.method != Method::POST {
            return Some(answer(StatusCode::METHOD_NOT_ALLOWED, ""));
        }
        let (status, text) = match call(|| (self.check)(request)) {
            Ok(true) => return None,
            Ok(false) => {
                tracing::warn!(name: "stripe_sync.refused", "a delivery that is not the trusted sender's was refused");
                (StatusCode::UNAUTHORIZED, "the sender is not trusted")
            }
            Err(panicked) => {
                tracing::error!(name: "stripe_sync.not_checked", %panicked, "a delivery's sender was not checked");
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                (status, "the sender was not checked")
            }
        };
        Some(answer(status, text))
    }
}

impl fmt::Debug for TrustedSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrustedSender")
            .field("origins", &self.origins)
            .finish_non_exhaustive()
    }
}

/// An answer with a text.
pub(crate) fn answer(status: StatusCode, text: &str) -> Response<String> {
    let mut response = Response::new(text.to_owned());
    *response.status_mut() = status;
    response
}

/// The token of a Bearer header.
fn token(header: &HeaderValue) -> Option<&[u8]> {
    let header = header.as_bytes().trim_ascii();
    let (scheme, token) = header.split_at_checked("bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"bearer ").then_some(token)
}

/// What is kept of a secret: enough to know it again, and compared in constant time.
struct Fingerprint(CtOutput<Hmac<Sha256>>);

impl Fingerprint {
    fn of_secret(secret: &str) -> Result<Self, ShortSecret> {
        let secret = secret.trim_ascii().as_bytes();
        let length = secret.len();
        let long_enough = Some(secret).filter(|_| length >= SHORTEST);
        // HMAC takes keys of every length, so this is no error in practice.
        let fingerprint = long_enough.and_then(Self::of);
        fingerprint.ok_or(ShortSecret { length })
    }

    fn of(text: &[u8]) -> Option<Self> {
        let mac = Hmac::<Sha256>::new_from_slice(b"stripe-sync: a sender's secret").ok()?;
        Some(Self(mac.chain_update(text).finalize()))
    }

    /// Whether this is the secret, with or without white space around it.
    fn fits(&self, text: &[u8]) -> bool {
        Self::of(text.trim_ascii()).is_some_and(|found| found.0 == self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "a secret of 22 bytes..";

    fn status(sender: &TrustedSender, method: &str, headers: &[(&str, &str)]) -> u16 {
        let mut request = http::Request::builder().method(method).uri("/cloud");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let answer = sender.before_body(&parts);
        answer.map_or(0, |answer| answer.status().as_u16())
    }

    #[test]
    fn a_bearer_is_the_one_who_knows_the_secret() {
        let sender = TrustedSender::bearer(format!(" {SECRET}\n")).unwrap();
        let bearer = |token: &str| format!("Bearer {token}");
        let right = bearer(SECRET);
        for header in [
            &right,
            &right.replace("Bearer", "bearer"),
            &right.replacen(' ', "   ", 1),
        ] {
            assert_eq!(status(&sender, "POST", &[("authorization", header)]), 0);
        }
        let another = bearer("a secret of 22 bytes.,");
        let refused: [&[(&str, &str)]; 9] = [
            &[],
            &[("authorization", "")],
            &[("authorization", "Bearer")],
            &[("authorization", "Bearer ")],
            &[("authorization", SECRET)],
            &[("authorization", &another)],
            &[("authorization", &right[..right.len() - 1])],
            &[("authorization", &right), ("authorization", &right)],
            &[("x-secret", &right)],
        ];
        for headers in refused {
            assert_eq!(status(&sender, "POST", headers), 401, "{headers:?}");
        }
        assert_eq!(status(&sender, "GET", &[("authorization", &right)]), 405);
    }

    #[test]
    fn a_header_of_ones_own_holds_the_secret_alone() {
        let name = HeaderName::from_static("x-secret");
        let sender = TrustedSender::header(name, SECRET).unwrap();
        assert_eq!(status(&sender, "POST", &[("X-Secret", SECRET)]), 0);
        let longer = format!("{SECRET}.");
        assert_eq!(status(&sender, "POST", &[("x-secret", &longer)]), 401);
        assert_eq!(status(&sender, "POST", &[("authorization", SECRET)]), 401);
    }

    #[test]
    fn a_secret_that_could_be_guessed_is_none() {
        for secret in ["", "               ", "fifteen bytes.."] {
            let length = secret.trim().len();
            assert_eq!(
                TrustedSender::bearer(secret).unwrap_err(),
                ShortSecret { length }
            );
        }
        let error = TrustedSender::bearer("fifteen bytes..").unwrap_err();
        assert!(error.to_string().contains("at least 16 bytes"), "{error}");
    }

    #[test]
    fn the_handshake_needs_no_secret_and_a_known_name() {
        let sender = TrustedSender::bearer(SECRET).unwrap();
        let asks = |origin| [("webhook-request-origin", origin)];
        assert_eq!(
            status(&sender, "OPTIONS", &asks("eventgrid.azure.net")),
            200
        );
        assert_eq!(status(&sender, "OPTIONS", &asks("eventgrid.azure.us")), 405);
        let sender = sender.origins(["eventgrid.azure.us"]);
        assert_eq!(status(&sender, "OPTIONS", &asks("eventgrid.azure.us")), 200);
        assert_eq!(
            status(&sender, "OPTIONS", &asks("eventgrid.azure.net")),
            405
        );
        let sender = sender.origins([""; 0]);
        assert_eq!(status(&sender, "OPTIONS", &asks("eventgrid.azure.us")), 405);
    }
}
