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

/// Objects that can have come a long way when they are created: their statuses are told of too.
const TOLD_WHOLE: [&str; 7] = [
    "dispute",
    "invoice",
    "payment_intent",
    "payout",
    "refund",
    "setup_intent",
    "topup",
];

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
        (Change::Created, name) => {
            let mut types = ending("created");
            if types.is_empty() {
                return of_status();
            }
            if name == "invoice" && !matches!(status, "draft" | "open") {
                types.extend(ending("finalized"));
            }
            if name == "payment_intent" && status == "requires_payment_method" {
                types.extend(has_failed(object).then(of_status).into_iter().flatten());
            } else if TOLD_WHOLE.contains(&name) {
                types.extend(of_status());
            }
            if name == "invoice" {
                let was_tried = object.get("attempted") == Some(&Value::Bool(true));
                match status {
                    "paid" => types.extend(ending("payment_succeeded")),
                    "open" if was_tried => types.extend(ending("payment_failed")),
                    _ => {}
                }
            }
            if name == "dispute" {
                types.extend(moves(object, &[]).into_iter().flat_map(ending));
                types.extend(
                    is_closed(status)
                        .then(|| ending("closed"))
                        .into_iter()
                        .flatten(),
                );
            }
            types
        }
        (Change::Updated(previous), "dispute") => {
            let mut types = ending("updated");
            let before = previous
                .get("balance_transactions")
                .and_then(Value::as_array);
            if let Some(before) = before {
                types.extend(moves(object, before).into_iter().flat_map(ending));
            }
            if previous.contains_key("status") && is_closed(status) {
                types.extend(ending("closed"));
            }
            types
        }
        (Change::Updated(previous), "payment_intent") => {
            let mut types = ending("updated");
            let has_failed = previous.contains_key("last_payment_error") && has_failed(object);
            match status {
                "requires_payment_method" if !has_failed => {}
                "requires_payment_method" => types.extend(of_status()),
                _ if previous.contains_key("status") => types.extend(of_status()),
                _ => {}
            }
            types
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
        (Change::Updated(previous), "charge")
            if previous
                .get("amount_refunded")
                .is_some_and(|before| before.as_i64() < amount(object, "amount_refunded")) =>
        {
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

fn amount(object: &Value, member: &str) -> Option<i64> {
    object.get(member).and_then(Value::as_i64)
}

/// Whether the last attempt of a payment failed.
fn has_failed(intent: &Value) -> bool {
    intent
        .get("last_payment_error")
        .is_some_and(|error| !error.is_null())
}

fn is_closed(status: &str) -> bool {
    matches!(status, "won" | "lost" | "warning_closed" | "prevented")
}

/// The words for the money that a dispute has moved since `before`.
fn moves(dispute: &Value, before: &[Value]) -> Vec<&'static str> {
    let movements = dispute
        .get("balance_transactions")
        .and_then(Value::as_array);
    let movements = movements.into_iter().flatten().skip(before.len());
    movements
        .map(|movement| match amount(movement, "amount") {
            Some(amount) if amount > 0 => "funds_reinstated",
            _ => "funds_withdrawn",
        })
        .collect()
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
