//! Invariants of all objects.

use serde_json::Value;
use stripe_sync_schema::catalogue;

use crate::account::{Account, int, text};
use crate::schema::Fault;
use crate::table::{Invariant, rule, when};

/// Times of what has happened, so they are over.
const PAST: [&str; 11] = [
    "canceled_at",
    "created",
    "ended_at",
    "finalized_at",
    "marked_uncollectible_at",
    "paid_at",
    "trial_start",
    "updated",
    "voided_at",
    "webhooks_delivered_at",
    "current_period_start",
];
/// Objects that must have the currency of their neighbour if it is in one of these members.
const SAME_CURRENCY: [(&str, &str); 16] = [
    ("application_fee", "originating_transaction"),
    ("charge", "payment_intent"),
    ("checkout.session", "invoice"),
    ("checkout.session", "payment_intent"),
    ("checkout.session", "subscription"),
    ("credit_note", "invoice"),
    ("dispute", "charge"),
    ("fee_refund", "fee"),
    ("invoice_payment", "invoice"),
    ("invoiceitem", "invoice"),
    ("line_item", "invoice"),
    ("payment_intent", "latest_charge"),
    ("refund", "charge"),
    ("refund", "payment_intent"),
    ("subscription", "latest_invoice"),
    ("transfer_reversal", "transfer"),
];

/// Members of texts that people write, by the ends of their names.
const WRITTEN: [&str; 24] = [
    "access_activity_log",
    "billing_address",
    "city",
    "comment",
    "description",
    "disclosure",
    "explanation",
    "footer",
    "header",
    "issuer",
    "label",
    "line1",
    "line2",
    "memo",
    "message",
    "name",
    "nickname",
    "product_description",
    "rebuttal",
    "shipping_address",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "title",
    "uncategorized_text",
];

/// Whether texts with spaces are in members alone that people write, here and below.
fn is_written(name: &str, value: &Value) -> bool {
    match value {
        // A brand of four has a space.
        Value::String(text) if text.contains(' ') && text != "American Express" => {
            WRITTEN.iter().any(|written| name.ends_with(written))
        }
        Value::Object(members) => members
            .iter()
            .all(|(name, member)| name == "metadata" || is_written(name, member)),
        Value::Array(items) => items.iter().all(|item| is_written(name, item)),
        _ => true,
    }
}

fn without(object: &Value, account: &Account, fault: Fault) -> Option<bool> {
    let findings = account.findings(object);
    Some(findings.iter().all(|finding| finding.fault != fault))
}

/// Whether the times of what has happened, here and below, are not to come.
fn is_over(value: &Value, now: i64) -> bool {
    let Some(members) = value.as_object() else {
        return true;
    };
    members.iter().all(|(name, member)| match member {
        Value::Number(time) if PAST.contains(&name.as_str()) => {
            time.as_i64().is_none_or(|time| time <= now)
        }
        Value::Object(_) if name != "metadata" => is_over(member, now),
        _ => true,
    })
}

/// Whether every string member whose name says that it is an address of a page is one.
fn has_addresses(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().all(|(name, member)| match member {
            Value::String(text) if name == "url" || name.ends_with("_url") => {
                text.starts_with("https://") || text.starts_with("http://") || text.starts_with('/')
            }
            _ => name == "metadata" || has_addresses(member),
        }),
        Value::Array(items) => items.iter().all(has_addresses),
        _ => true,
    }
}

/// (fault of the schema's walk, the invariant that is violated by it).
pub(crate) const WALKED: [(Fault, &str); 11] = [
    (
        Fault::Dangling,
        "every reference resolves to an object of its kind",
    ),
    (Fault::Stray, "every embedded object is stored"),
    (Fault::Word, "every enum has a word that the schema knows"),
    (
        Fault::Missing,
        "every member that is not optional is there, also in maps",
    ),
    (Fault::Unknown, "no member is unknown to the schema"),
    (Fault::Null, "null only where the schema has it"),
    (
        Fault::Kind,
        "every member has the schema's kind, references are ids",
    ),
    (Fault::Time, "every time is of Stripe's days"),
    (Fault::Amount, "amounts have at most eight digits"),
    (Fault::Currency, "currencies are three small letters"),
    (Fault::OnRequest, "what is sent on request only is absent"),
];

pub(crate) const RULES: &[Invariant] = &[
    rule("*", "spaces are in what people write", |object, _| {
        Some(is_written("", object))
    }),
    rule("*", WALKED[0].1, |o, account| {
        without(o, account, Fault::Dangling)
    }),
    rule("*", WALKED[1].1, |o, account| {
        without(o, account, Fault::Stray)
    }),
    rule("*", WALKED[2].1, |o, account| {
        without(o, account, Fault::Word)
    }),
    rule("*", WALKED[3].1, |o, account| {
        without(o, account, Fault::Missing)
    }),
    rule("*", WALKED[4].1, |o, account| {
        without(o, account, Fault::Unknown)
    }),
    rule("*", WALKED[5].1, |o, account| {
        without(o, account, Fault::Null)
    }),
    rule("*", WALKED[6].1, |o, account| {
        without(o, account, Fault::Kind)
    }),
    rule("*", WALKED[7].1, |o, account| {
        without(o, account, Fault::Time)
    }),
    rule("*", WALKED[8].1, |o, account| {
        without(o, account, Fault::Amount)
    }),
    rule("*", WALKED[9].1, |o, account| {
        without(o, account, Fault::Currency)
    }),
    rule("*", WALKED[10].1, |o, account| {
        without(o, account, Fault::OnRequest)
    }),
    rule("*", "livemode is the mode's", |o, account| {
        when(o.get("livemode").is_some(), || {
            o["livemode"] == account.livemode
        })
    }),
    rule("*", "currency is its neighbours'", |o, account| {
        let links = SAME_CURRENCY.iter().filter(|(of, _)| o["object"] == *of);
        let mut neighbours = links
            .filter_map(|(_, member)| account.get(&o[*member]))
            .peekable();
        neighbours.peek()?;
        Some(neighbours.all(|neighbour| neighbour["currency"] == o["currency"]))
    }),
    rule(
        "*",
        "created and what has happened is not after now",
        |o, account| Some(is_over(o, account.now)),
    ),
    rule(
        "*",
        "created is within the account's life of three years",
        |o, account| {
            let year = 365 * 86_400;
            when(o["created"].is_i64(), || {
                int(o, "created") >= account.began - 3 * year - 86_400
            })
        },
    ),
    rule("*", "id has the prefix of its kind", |o, _| {
        let prefix = catalogue::resource(text(o, "object"))?.id_prefix?;
        // Merchants choose ids of products and plans; cards and charges have several prefixes.
        when(
            !["plan", "product", "charge"].contains(&text(o, "object")),
            || text(o, "id").starts_with(prefix),
        )
    }),
    rule(
        "*",
        "metadata is an object, an empty one if there is none",
        |o, _| when(o.get("metadata").is_some(), || o["metadata"].is_object()),
    ),
    rule(
        "*",
        "metadata is at most 50 texts of at most 500 characters",
        |o, _| {
            let metadata = o["metadata"].as_object()?;
            let fits = |(key, value): (&String, &Value)| {
                let value = value.as_str();
                key.chars().count() <= 40 && value.is_some_and(|value| value.chars().count() <= 500)
            };
            Some(metadata.len() <= 50 && metadata.iter().all(fits))
        },
    ),
    rule("*", "urls are addresses", |o, _| Some(has_addresses(o))),
];
