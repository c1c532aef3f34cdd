//! The types of events that a handler names.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use stripe_sync_schema::catalogue;

use crate::webhook::form::{THIN_ONLY, is_snapshot, plain};

/// The types that a pattern may name: those of snapshot events, and those that thin events alone have, without `v1.`.
static KNOWN: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let snapshot = catalogue::event_types().iter();
    snapshot.chain(THIN_ONLY).copied().collect()
});

/// The type of the events that a handler is called for, or the beginning of several: `invoice.paid`, `invoice.*`, `*`.
///
/// Made from text, it must fit a type that the API version of this crate knows;
/// [`LiveBuilder::build`](crate::live::LiveBuilder::build) says so, with what was probably meant.
/// [`unchecked`](Self::unchecked) takes any: a type that is newer than this crate, or one of the `v2` types, which it has no
/// list of.
///
/// ```
/// use stripe_sync::webhook::EventType;
///
/// let paid = EventType::from("invoice.paid");
/// let newer = EventType::unchecked("invoice.paid_by_carrier_pigeon");
/// assert_eq!(newer.to_string(), "invoice.paid_by_carrier_pigeon");
/// # drop(paid);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventType {
    pattern: String,
    checked: bool,
}

impl EventType {
    /// A type that need not be known.
    pub fn unchecked(pattern: impl Into<String>) -> Self {
        Self {
            pattern: pattern.into(),
            checked: false,
        }
    }

    /// The type or pattern as it was given.
    pub fn as_str(&self) -> &str {
        &self.pattern
    }

    /// Whether it fits a known type, or need not.
    pub(crate) fn is_known(&self) -> bool {
        !self.checked || KNOWN.iter().any(|kind| fits(&self.pattern, kind))
    }

    /// Whether it is one type of snapshot events, which this crate does not know.
    pub(crate) fn is_newer_snapshot(&self) -> bool {
        let kind = self.as_str();
        !self.checked && !kind.ends_with('*') && is_snapshot(kind) && !KNOWN.contains(kind)
    }

    /// The type or pattern that was probably meant.
    pub(crate) fn nearest(&self) -> Option<String> {
        let wanted = plain(&self.pattern);
        if KNOWN.iter().any(|kind| fits(wanted, kind)) {
            // Handlers name types without the prefix of thin events.
            return Some(wanted.to_owned());
        }
        let Some(beginning) = wanted.strip_suffix('*') else {
            return catalogue::nearest_event_type(wanted, KNOWN.iter().copied()).map(str::to_owned);
        };
        let beginnings: BTreeSet<&str> = KNOWN.iter().flat_map(|kind| beginnings(kind)).collect();
        let wanted = beginning.trim_end_matches('.');
        let near = catalogue::nearest_event_type(wanted, beginnings)?;
        Some(format!("{near}.*"))
    }
}

/// What stands before each dot of a type: `customer` and `customer.subscription`.
fn beginnings(kind: &str) -> impl Iterator<Item = &str> {
    kind.match_indices('.')
        .filter_map(|(dot, _)| kind.get(..dot))
}

/// Whether a type fits a pattern: the type itself, or its beginning and `*`.
pub(crate) fn fits(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => kind.starts_with(beginning),
        None => pattern == kind,
    }
}

impl From<&str> for EventType {
    fn from(pattern: &str) -> Self {
        Self::from(pattern.to_owned())
    }
}

impl From<String> for EventType {
    fn from(pattern: String) -> Self {
        Self {
            pattern,
            checked: true,
        }
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_types() {
        assert!(fits("*", "invoice.paid"));
        assert!(fits("invoice.*", "invoice.paid"));
        assert!(fits("invoice.paid", "invoice.paid"));
        assert!(!fits("invoice.*", "invoiceitem.created"));
        assert!(!fits("invoice", "invoice.paid"));
        assert!(!fits("", "invoice.paid"));
    }

    #[test]
    fn a_type_is_known_or_was_meant_to_be_another() {
        for known in [
            "*",
            "customer.*",
            "customer.subscription.*",
            "account.application.deauthorized",
            "balance.available",
            "price.activated",
        ] {
            assert!(EventType::from(known).is_known(), "{known}");
        }
        for (unknown, meant) in [
            ("invoice.payed", Some("invoice.paid")),
            ("v1.invoice.paid", Some("invoice.paid")),
            ("custmer.*", Some("customer.*")),
            ("customer.subscriptions.*", Some("customer.subscription.*")),
            ("customer", Some("customer.created")),
            ("elephant.created", None),
            ("elephant.*", None),
            ("v2.core.account.created", None),
            ("", None),
        ] {
            let unknown = EventType::from(unknown);
            assert!(!unknown.is_known(), "{unknown}");
            let nearest = unknown.nearest();
            assert_eq!(nearest.as_deref(), meant, "{unknown}");
        }
        assert!(EventType::unchecked("elephant.created").is_known());
    }
}
