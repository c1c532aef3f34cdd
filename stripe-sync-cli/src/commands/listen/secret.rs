//! The secret that forwarded events are signed with.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What the secret is for, so that it is of no use for anything else that is made from the key.
const PURPOSE: &[u8] = b"stripe-sync listen";

/// Returns the secret of a key: the same at each start, so that the service is configured once. The key does not follow from it.
pub(super) fn of(key: &str) -> String {
    let mut secret = "whsec_".to_owned();
    // A key of any length will do.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) {
        mac.update(PURPOSE);
        for byte in mac.finalize().into_bytes() {
            let _ = write!(secret, "{byte:02x}");
        }
    }
    secret
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_key_has_one_secret() {
        let secret = of("sk_test_1");
        assert_eq!(secret, of("sk_test_1"));
        assert_ne!(secret, of("sk_test_2"));
        assert!(secret.starts_with("whsec_") && secret.len() == 6 + 64);
    }
}
