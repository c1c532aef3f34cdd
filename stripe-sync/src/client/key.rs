//! A Stripe API key that cannot be printed by mistake.

use std::fmt;

/// What a key opens: real money, or a sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// Real payments; Stripe's `livemode: true`.
    Live,
    /// Test mode or a sandbox; Stripe's `livemode: false`.
    Test,
}

impl Mode {
    /// Stripe's `livemode` of the objects that a key of this mode reads.
    pub fn livemode(self) -> bool {
        self == Mode::Live
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mode::Live => "live",
            Mode::Test => "test",
        })
    }
}

/// Beginnings of the keys that read Stripe's API, with what they open.
const SECRET_PREFIXES: [(&str, Mode); 4] = [
    ("sk_live_", Mode::Live),
    ("sk_test_", Mode::Test),
    ("rk_live_", Mode::Live),
    ("rk_test_", Mode::Test),
];

/// Beginnings of everything that must not appear in a message.
const REDACTED_PREFIXES: [&str; 5] = ["sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_"];

/// A secret or restricted API key.
///
/// `Debug` and `Display` print its prefix only. The secret itself leaves through the
/// `Authorization` header and nowhere else.
///
/// ```
/// use stripe_sync::client::{Mode, SecretKey};
/// let key = SecretKey::from("rk_test_51Habc");
/// assert_eq!(key.mode(), Some(Mode::Test));
/// assert!(key.is_restricted());
/// assert_eq!(key.to_string(), "rk_test_…");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(Box<str>);

impl SecretKey {
    /// The mode that the key's prefix names; `None` when it is not a key for reading the API.
    pub fn mode(&self) -> Option<Mode> {
        self.prefix().map(|(_, mode)| mode)
    }

    /// Whether this is a restricted key (`rk_…`), which may lack permissions.
    pub fn is_restricted(&self) -> bool {
        self.0.starts_with("rk_")
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    fn prefix(&self) -> Option<(&'static str, Mode)> {
        SECRET_PREFIXES
            .into_iter()
            .find(|(prefix, _)| self.0.starts_with(prefix))
    }
}

impl From<&str> for SecretKey {
    fn from(key: &str) -> Self {
        Self(key.trim().into())
    }
}

impl From<String> for SecretKey {
    fn from(key: String) -> Self {
        Self::from(key.as_str())
    }
}

impl fmt::Display for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix() {
            Some((prefix, _)) => write!(f, "{prefix}…"),
            None if self.0.starts_with("pk_") => f.write_str("pk_…"),
            None => f.write_str("…"),
        }
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({self})")
    }
}

/// Replaces what looks like a key or a signing secret in text that others wrote.
///
/// Stripe masks the key in its own messages; a proxy or a foreign client may not.
pub(crate) fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, prefix)) = REDACTED_PREFIXES
        .iter()
        .filter_map(|p| rest.find(p).map(|at| (at, *p)))
        .min()
    {
        let after = &rest[at + prefix.len()..];
        let end = after
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '*'))
            .unwrap_or(after.len());
        out.push_str(&rest[..at]);
        out.push_str(prefix);
        out.push('…');
        rest = &after[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_prints_its_prefix_only() {
        let key = SecretKey::from("sk_live_verysecret4242");
        assert_eq!(format!("{key} {key:?}"), "sk_live_… SecretKey(sk_live_…)");
        assert_eq!(SecretKey::from("hunter2").to_string(), "…");
        assert_eq!(SecretKey::from("pk_test_public").to_string(), "pk_…");
    }

    #[test]
    fn the_prefix_names_mode_and_kind() {
        let modes =
            ["sk_live_a", "rk_live_a", "sk_test_a", "rk_test_a"].map(|k| SecretKey::from(k).mode());
        assert_eq!(
            modes,
            [
                Some(Mode::Live),
                Some(Mode::Live),
                Some(Mode::Test),
                Some(Mode::Test)
            ]
        );
        assert_eq!(SecretKey::from("pk_live_a").mode(), None);
        assert!(!SecretKey::from("sk_live_a").is_restricted());
    }

    #[test]
    fn foreign_text_loses_its_secrets() {
        assert_eq!(
            redact("Invalid key: sk_test_abc123, and whsec_zzz! rk_live_q"),
            "Invalid key: sk_test_…, and whsec_…! rk_live_…"
        );
        assert_eq!(redact("nothing — here"), "nothing — here");
    }
}
