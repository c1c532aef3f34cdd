//! The header `Stripe-Signature`, taken apart.

use hmac::Hmac;
use hmac::digest::CtOutput;
use sha2::Sha256;

use crate::webhook::signature::{MalformedPart, SignatureError};

/// The bytes of an HMAC-SHA256.
const SIGNATURE_BYTES: usize = 32;

/// What counts of a header.
pub(crate) struct Header {
    /// The first `t`, as Stripe's packages for Python and PHP take it.
    pub(crate) timestamp: i64,
    /// The `v1` that have the form of a signature.
    pub(crate) signatures: Vec<CtOutput<Hmac<Sha256>>>,
    /// How many `v1` there are.
    pub(crate) claimed: usize,
}

impl Header {
    /// Takes `t` and `v1`; other entries are of schemes to come, or for Stripe's own tests. White space is not removed:
    /// Stripe sends none.
    pub(crate) fn read(header: &[u8]) -> Result<Self, SignatureError> {
        if header.is_empty() {
            return Err(SignatureError::Missing);
        }
        let malformed = |part| SignatureError::Malformed { part };
        let mut timestamp = None;
        let mut signatures = Vec::new();
        let mut claimed = 0;
        for entry in header.split(|byte| *byte == b',') {
            let mut parts = entry.splitn(2, |byte| *byte == b'=');
            let (name, value) = (parts.next().unwrap_or_default(), parts.next());
            if !matches!(name, b"t" | b"v1") {
                continue;
            }
            let value = value.ok_or(malformed(MalformedPart::NoValue))?;
            if name == b"v1" {
                claimed += 1;
                signatures.extend(signature(value));
            } else if timestamp.is_none() {
                timestamp = Some(seconds(value).ok_or(malformed(MalformedPart::Timestamp))?);
            }
        }
        let timestamp = timestamp.ok_or(malformed(MalformedPart::NoTimestamp))?;
        if claimed == 0 {
            return Err(SignatureError::NoV1);
        }
        Ok(Self {
            timestamp,
            signatures,
            claimed,
        })
    }
}

fn seconds(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// A signature in hexadecimal digits. Stripe writes them in lower case, and its packages compare them as text: upper
/// case is no signature.
fn signature(hex: &[u8]) -> Option<CtOutput<Hmac<Sha256>>> {
    if hex.len() != 2 * SIGNATURE_BYTES {
        return None;
    }
    let mut bytes = [0; SIGNATURE_BYTES];
    for (byte, digits) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
        *byte = digit(digits[0])? << 4 | digit(digits[1])?;
    }
    Some(CtOutput::new(bytes.into()))
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}
