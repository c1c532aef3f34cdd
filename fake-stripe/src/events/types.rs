//! Which events a change makes.

use serde_json::{Map, Value};
use stripe_sync_schema::catalogue::Resource;

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change<'a> {
    Created,
    /// With the previous values of what changed.
    Updated(&'a Map<String, Value>),
    Deleted,
}

/// Seconds that an event stays in `/v1/events`: 30 days.
pub(crate) const RETENTION: i64 = 30 * 86_400;

/// Words for a status that the event's name does not repeat: (object, status, last word of the type).
const STATUS_WORDS: [(&str, &str, &str); 10] = [
    (
        "payment_intent",
        "requires_payment_method",
        "payment_failed",
    ),
    (
        "payment_intent",
        "requires_capture",
        "amount_capturable_updated",
    ),
    ("invoice", "open", "finalized"),
    ("invoice", "void", "voided"),
    ("invoice", "uncollectible", "marked_uncollectible"),
    ("quote", "open", "finalized"),
    ("checkout.session", "complete", "completed"),
    ("credit_note", "void", "voided"),
    ("billing.meter", "inactive", "deactivated"),
    ("billing.meter", "active", "reactivated"),
];

/// The types of the events that a change makes; none for changes that Stripe does not announce.
pub(crate) fn types(resource: &Resource, object: &Value, change: Change<'_>) -> Vec<&'static str> {
    let events = || {
        resource
            .events
            .iter()
            .copied()
            .filter(|event| fits_owner(event, resource.object, object))
    };
    let ending = |word: &str| -> Vec<&'static str> {
        events()
            .filter(|event| event.rsplit('.').next() == Some(word))
            .collect()
    };
    let status = object
        .get("status")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let of_status = || match STATUS_WORDS
        .iter()
        .find(|(of, word, _)| (*of, *word) == (resource.object, status))
    {
        Some((_, _, word)) => ending(word),
        None => ending(status),
    };
    match (change, resource.object) {
        (Change::Created, "payment_method")
            if object.get("customer").is_some_and(Value::is_string) =>
        {
            ending("attached")
        }
        (Change::Created, "review") => ending("opened"),
        (Change::Created, _) => {
            let created = ending("created");
            if created.is_empty() {
                of_status()
            } else {
                created
            }
        }
        (Change::Updated(previous), "payment_method") if previous.contains_key("customer") => {
            ending(if object.get("customer").is_some_and(Value::is_string) {
                "attached"
            } else {
                "detached"
            })
        }
        (Change::Updated(previous), "subscription")
            if previous.contains_key("status") && status == "canceled" =>
        {
            ending("deleted")
        }
        (Change::Updated(previous), "review") if previous.contains_key("open") => ending("closed"),
        (Change::Updated(previous), "charge") if previous.contains_key("amount_refunded") => {
            ending("refunded")
        }
        (Change::Updated(previous), name) => {
            let mut types = ending("updated");
            if previous.contains_key("status") {
                types.extend(of_status());
            } else if name == "charge" && previous.contains_key("captured") {
                types.extend(ending("captured"));
            }
            if name == "invoice" && previous.contains_key("status") && status == "paid" {
                types.extend(ending("payment_succeeded"));
            }
            types
        }
        (Change::Deleted, _) => resource
            .deleted_events
            .iter()
            .copied()
            .filter(|event| fits_owner(event, resource.object, object))
            .collect(),
    }
}

/// Cards and bank accounts have one set of events as a customer's source and one as an account's payout destination.
fn fits_owner(event: &str, name: &str, object: &Value) -> bool {
    match name {
        "card" | "bank_account" => {
            let of_customer = object
                .get("customer")
                .is_some_and(|customer| !customer.is_null());
            event.starts_with(if of_customer {
                "customer.source."
            } else {
                "account.external_account."
            })
        }
        "source" => {
            event.starts_with("customer.source.")
                == object
                    .get("customer")
                    .is_some_and(|customer| !customer.is_null())
        }
        _ => true,
    }
}
