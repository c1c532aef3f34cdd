//! Stripe's signature of a webhook delivery.
//!
//! The header `Stripe-Signature` reads `t=<unix seconds>,v1=<hex>`, with a `v1` for each secret that is valid while one is
//! rolled. A `v1` is the HMAC-SHA256, with the whole `whsec_…` text as key, of the header's `t`, a point and the bytes of
//! the body.

pub(crate) mod header;

use std::fmt;
use std::time::Duration;

use hmac::digest::CtOutput;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use header::Header;

/// The name of the HTTP header that carries the signature.
pub const SIGNATURE_HEADER: &str = "stripe-signature";

/// The age that Stripe's own packages allow: five minutes.
const DEFAULT_TOLERANCE: Duration = Duration::from_secs(300);

/// What is pasted instead of a signing secret: API keys, and the id of the endpoint.
const MISTAKEN_PREFIXES: [&str; 4] = ["sk_", "rk_", "pk_", "we_"];

/// The secret that signs the deliveries to one endpoint: `whsec_…`.
///
/// `Debug` does not print it. White space around it is not part of it.
///
/// ```
/// use stripe_sync::webhook::WebhookSecret;
/// let secret = WebhookSecret::new("whsec_secret4242").unwrap();
/// assert_eq!(format!("{secret:?}"), "WebhookSecret(…)");
/// assert!(WebhookSecret::new(" ").is_err());
/// ```
#[derive(Clone)]
pub struct WebhookSecret {
    /// The HMAC that has taken the key, so that the text itself is not kept.
    mac: Hmac<Sha256>,
}

/// Text that cannot be the signing secret of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// There is no text.
    #[error("expected the signing secret of a webhook endpoint (whsec_…), got empty text")]
    Empty,
    /// It is an API key or the id of an endpoint.
    #[error("expected the signing secret of a webhook endpoint (whsec_…), got {prefix}…")]
    Mistaken {
        /// How the text begins.
        prefix: &'static str,
    },
}

impl WebhookSecret {
    /// Takes the secret that the Dashboard shows for an endpoint, or that `stripe listen` prints.
    ///
    /// # Errors
    /// When the text is empty, or is an API key or the id of an endpoint.
    pub fn new(secret: impl AsRef<str>) -> Result<Self, SecretError> {
        let secret = secret.as_ref().trim();
        if let Some(prefix) = MISTAKEN_PREFIXES
            .into_iter()
            .find(|prefix| secret.starts_with(prefix))
        {
            return Err(SecretError::Mistaken { prefix });
        }
        if secret.is_empty() {
            return Err(SecretError::Empty);
        }
        // HMAC takes keys of every length, so this is no error in practice.
        let mac = Hmac::new_from_slice(secret.as_bytes()).map_err(|_| SecretError::Empty)?;
        Ok(Self { mac })
    }

    /// Returns the value of the `Stripe-Signature` header that Stripe sends with a body: for tests of a receiver.
    ///
    /// ```
    /// use stripe_sync::webhook::{WebhookSecret, WebhookVerifier};
    /// let secret = WebhookSecret::new("whsec_test").unwrap();
    /// let body = br#"{"id":"evt_1"}"#;
    /// let header = secret.sign(1_790_000_000, body);
    /// assert!(header.starts_with("t=1790000000,v1="));
    /// assert!(WebhookVerifier::new(secret).verify(header, body, 1_790_000_009).is_ok());
    /// ```
    pub fn sign(&self, timestamp: i64, body: &[u8]) -> String {
        let signature = self.signature(timestamp, body).into_bytes();
        let digits = signature.iter().map(|byte| format!("{byte:02x}"));
        format!("t={timestamp},v1={}", digits.collect::<String>())
    }

    /// The signature of a body at a time. Comparing two takes the same time wherever they differ.
    fn signature(&self, timestamp: i64, body: &[u8]) -> CtOutput<Hmac<Sha256>> {
        self.mac
            .clone()
            .chain_update(timestamp.to_string())
            .chain_update(b".")
            .chain_update(body)
            .finalize()
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

/// Tells Stripe's deliveries from those of others.
///
/// ```
/// use stripe_sync::webhook::{SignatureError, WebhookSecret, WebhookVerifier};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let verifier = WebhookVerifier::new(WebhookSecret::new("whsec_of_the_account")?)
///     .or(WebhookSecret::new("whsec_of_connected_accounts")?);
/// let forged = verifier.verify("t=1790000000,v1=00", b"{}", 1_790_000_000);
/// assert!(matches!(forged, Err(SignatureError::NoMatch { .. })));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct WebhookVerifier {
    secrets: Vec<WebhookSecret>,
    /// In seconds; zero is without limit.
    tolerance: u64,
}

impl WebhookVerifier {
    /// Accepts what this secret signed within the last five minutes.
    pub fn new(secret: WebhookSecret) -> Self {
        Self {
            secrets: vec![secret],
            tolerance: DEFAULT_TOLERANCE.as_secs(),
        }
    }

    /// Accepts another secret too: of a second endpoint with the same URL, of the other mode, or the old one while it is
    /// rolled.
    #[must_use]
    pub fn or(mut self, secret: WebhookSecret) -> Self {
        self.secrets.push(secret);
        self
    }

    /// Sets how old a signature may be, in whole seconds rounded up; zero is without limit.
    ///
    /// Stripe signs each retry anew, so an old signature is a replay by somebody else, or a clock that is wrong.
    #[must_use]
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        // Rounded down, less than a second would be zero, and so without limit.
        let part = u64::from(tolerance.subsec_nanos() > 0);
        self.tolerance = tolerance.as_secs().saturating_add(part);
        self
    }

    /// Whether one of the secrets signed these bytes.
    ///
    /// `header` is the value of the `Stripe-Signature` header, empty when there is none. `body` are the bytes that came,
    /// before anything reads or rewrites them. `now_unix` is the time in unix seconds. A time in the future passes, as
    /// with Stripe's own packages: it is signed too, so only the clocks differ.
    ///
    /// # Errors
    /// When the header is missing or malformed, when no `v1` of it is the body's signature, and then, when the signature is
    /// too old.
    pub fn verify(
        &self,
        header: impl AsRef<[u8]>,
        body: &[u8],
        now_unix: i64,
    ) -> Result<(), SignatureError> {
        let header = Header::read(header.as_ref())?;
        let matches = self.secrets.iter().any(|secret| {
            // Hashed once a secret, however many signatures the header claims; compared in constant time.
            let expected = secret.signature(header.timestamp, body);
            header.signatures.contains(&expected)
        });
        if !matches {
            return Err(SignatureError::NoMatch {
                signatures: header.claimed,
                secrets: self.secrets.len(),
            });
        }
        let age = u64::try_from(now_unix.saturating_sub(header.timestamp)).unwrap_or_default();
        if self.tolerance > 0 && age > self.tolerance {
            return Err(SignatureError::TooOld {
                age,
                tolerance: self.tolerance,
            });
        }
        Ok(())
    }
}

/// Why a delivery is not accepted as Stripe's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// There is no signature.
    #[error("expected the header Stripe-Signature, got none")]
    Missing,
    /// The header is not of Stripe's form.
    #[error("expected Stripe-Signature: t=<unix seconds>,v1=<hex>, got {part}")]
    Malformed {
        /// The part that is wrong.
        part: MalformedPart,
    },
    /// No signature is of the scheme `v1`. Stripe's `v0` is for its own tests and proves nothing.
    #[error("expected a signature of the scheme v1, got a Stripe-Signature without one")]
    NoV1,
    /// No signature is the one that a secret gives.
    #[error(
        "none of the {signatures} v1 signature(s) is that of the body with one of the {secrets} signing secret(s); \
         check that the secret belongs to this endpoint and mode, and that the body was not modified"
    )]
    NoMatch {
        /// How many signatures the header has.
        signatures: usize,
        /// How many secrets were tried.
        secrets: usize,
    },
    /// The signature is right, and was made too long ago.
    #[error("signed {age} s ago, expected at most {tolerance} s; is the clock right?")]
    TooOld {
        /// Its age in seconds.
        age: u64,
        /// The greatest age that is accepted, in seconds.
        tolerance: u64,
    },
}

/// The part of a signature header that is not of Stripe's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MalformedPart {
    /// There is no `t`.
    NoTimestamp,
    /// The `t` is not a whole number of 64 bits.
    Timestamp,
    /// A `t` or a `v1` has no `=`.
    NoValue,
}

impl fmt::Display for MalformedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoTimestamp => "one without t",
            Self::Timestamp => "a t that is not a number of unix seconds",
            Self::NoValue => "a t or v1 without a value",
        })
    }
}

#[cfg(test)]
mod tests;
