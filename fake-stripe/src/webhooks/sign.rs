//! The signature of a delivery, written from Stripe's description and from nothing of this crate's own.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The `v1` signature of a webhook's body: HMAC-SHA256 in lowercase hex over `<timestamp>.<body>`, keyed with the whole secret
/// (`whsec_…`). For forging deliveries; [`Delivery::headers`](crate::Delivery::headers) signs as Stripe does.
pub fn webhook_signature(secret: &str, timestamp: i64, body: &[u8]) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(timestamp.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number is `openssl dgst -sha256 -hmac whsec_test` of `1700000000.{}`.
    #[test]
    fn the_same_as_openssl() {
        assert_eq!(
            webhook_signature("whsec_test", 1_700_000_000, b"{}"),
            "35495024f4ef3f94e5a93e22221544c4b75e9a42300cd965ab81cb85cd994e91"
        );
    }
}
