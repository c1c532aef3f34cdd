//! Members that are never kept: a table of them would be a store of secrets.
//!
//! Source: Stripe's reference. Numbers and codes of cards are given to a request for one card alone that names them in `expand`;
//! verified outputs are what a person's documents say.

use super::Step;
use super::expand::{along, since};

/// A member of any object that lets whoever has it act for a customer.
pub const CLIENT_SECRET: &str = "client_secret";

/// The objects and their members, and what they are.
pub(crate) const SECRETS: &[(&str, &str, &str)] = &[
    ("apps.secret", "payload", "a secret of an app"),
    ("ephemeral_key", "secret", "the secret of a key"),
    (
        "identity.verification_session",
        "verified_outputs",
        "what a person's documents say",
    ),
    ("issuing.card", "cvc", "the security code of a card"),
    ("issuing.card", "number", "the number of a card"),
    ("issuing.card", "pin", "the PIN of a card"),
    (
        "terminal.connection_token",
        "secret",
        "the secret of a card reader",
    ),
    (
        "webhook_endpoint",
        "secret",
        "the secret that signs deliveries",
    ),
];

/// A step of a path that names a secret.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secret {
    /// The step, counted from 0.
    pub at: usize,
    /// What it is: `the number of a card`.
    pub what: &'static str,
}

/// The members of an object that are never kept, besides [`CLIENT_SECRET`].
pub fn secrets(object: &str) -> impl Iterator<Item = &'static str> {
    SECRETS
        .iter()
        .filter(move |(of, _, _)| *of == object)
        .map(|(_, member, _)| *member)
}

/// The objects that have such members.
pub fn secretive() -> impl Iterator<Item = &'static str> {
    SECRETS.iter().map(|(object, _, _)| *object)
}

/// The first step of a path of an object that names a secret, whether the schema knows the path or not. A key of the user's own in
/// `metadata` is none.
#[must_use]
pub fn secret(object: &str, path: &[Step<'_>]) -> Option<Secret> {
    let mut found: Option<Secret> = None;
    let mut is_of_user = false;
    along(object, path, |count, owners, _| {
        let here = path.get(..count).unwrap_or_default();
        let what = match here.last() {
            _ if is_of_user => None,
            Some(Step::Key(CLIENT_SECRET)) => Some("the secret of a client"),
            _ => SECRETS
                .iter()
                .find(|(of, member, _)| {
                    owners
                        .iter()
                        .any(|(owner, from)| owner == of && since(here, *from) == *member)
                })
                .map(|(_, _, what)| *what),
        };
        is_of_user |= matches!(here.last(), Some(Step::Key("metadata")));
        if let Some(what) = what {
            let at = count.saturating_sub(1);
            found.get_or_insert(Secret { at, what });
        }
    });
    found
}
