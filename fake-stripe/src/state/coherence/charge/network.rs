//! What Stripe and the card network say of a charge.

use xxhash_rust::xxh3::xxh3_64;

/// How risky Stripe finds a charge: 5 to 64 is normal (docs.stripe.com/radar/risk-evaluation).
pub(super) fn risk_score(id: &str) -> u64 {
    5 + xxh3_64(id.as_bytes()) % 60
}

/// What the network calls a charge: 15 digits.
pub(super) fn transaction_id(id: &str) -> String {
    /// Ten to the fifteenth.
    const DIGITS: u64 = 1_000_000_000_000_000;
    format!("{:015}", xxh3_64(id.as_bytes()) % DIGITS)
}
