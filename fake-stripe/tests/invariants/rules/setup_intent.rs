//! Invariants of setup intents.

use serde_json::Value;

use super::{is_not_older, is_secret_of, is_usable, names_its_member};
use crate::account::{among, is_set, rows, text};
use crate::table::{Invariant, rule, when};

fn status(intent: &Value) -> &str {
    text(intent, "status")
}

pub(crate) const RULES: &[Invariant] = &[
    rule("setup_intent", "client_secret is of its id", |s, _| {
        Some(is_secret_of(s))
    }),
    rule(
        "setup_intent",
        "payment_method is there when succeeded",
        |s, _| when(status(s) == "succeeded", || is_set(s, "payment_method")),
    ),
    rule(
        "setup_intent",
        "payment_method is null when requires_payment_method",
        |s, _| {
            when(status(s) == "requires_payment_method", || {
                !is_set(s, "payment_method")
            })
        },
    ),
    rule(
        "setup_intent",
        "payment_method is of one of payment_method_types",
        |s, account| {
            let method = account.get_a("payment_method", &s["payment_method"])?;
            Some(rows(s, "payment_method_types").contains(&method["type"]))
        },
    ),
    rule(
        "setup_intent",
        "payment_method is of its customer",
        |s, account| {
            when(is_set(s, "payment_method") && is_set(s, "customer"), || {
                is_usable(account, &s["payment_method"], &s["customer"])
            })
        },
    ),
    rule(
        "setup_intent",
        "payment_method_options are of payment_method_types",
        |s, _| {
            let options = s["payment_method_options"].as_object()?;
            let types = rows(s, "payment_method_types");
            when(!options.is_empty(), || {
                options
                    .keys()
                    .all(|key| types.iter().any(|kind| kind == key))
            })
        },
    ),
    rule(
        "setup_intent",
        "latest_attempt points back",
        |s, account| {
            when(is_set(s, "latest_attempt"), || {
                account
                    .get_a("setup_attempt", &s["latest_attempt"])
                    .is_some_and(|attempt| attempt["setup_intent"] == s["id"])
            })
        },
    ),
    rule(
        "setup_intent",
        "latest_attempt is there when succeeded",
        |s, _| when(status(s) == "succeeded", || is_set(s, "latest_attempt")),
    ),
    rule(
        "setup_intent",
        "cancellation_reason only when canceled",
        |s, _| {
            when(status(s) != "canceled", || {
                !is_set(s, "cancellation_reason")
            })
        },
    ),
    rule(
        "setup_intent",
        "next_action if and only if requires_action",
        |s, _| Some(is_set(s, "next_action") == (status(s) == "requires_action")),
    ),
    rule(
        "setup_intent",
        "next_action.type names the member",
        |s, _| {
            when(is_set(s, "next_action"), || {
                names_its_member(&s["next_action"], &[])
            })
        },
    ),
    rule(
        "setup_intent",
        "last_setup_error only when requires_payment_method or canceled",
        |s, _| {
            when(
                !["requires_payment_method", "canceled"].contains(&status(s)),
                || !is_set(s, "last_setup_error"),
            )
        },
    ),
    rule(
        "setup_intent",
        "last_setup_error embeds no intent",
        |s, _| {
            let error = &s["last_setup_error"];
            when(!error.is_null(), || {
                !is_set(error, "payment_intent") && !is_set(error, "setup_intent")
            })
        },
    ),
    rule("setup_intent", "usage is a word of Stripe's", |s, _| {
        Some(among(s, "usage", &["off_session", "on_session"]))
    }),
    rule(
        "setup_intent",
        "created is not before its customer's",
        |s, account| is_not_older(account, s, "customer"),
    ),
    rule(
        "setup_attempt",
        "customer and payment_method are its setup_intent's when it succeeded",
        |a, account| {
            let intent = account.get_a("setup_intent", &a["setup_intent"])?;
            when(a["status"] == "succeeded", || {
                a["customer"] == intent["customer"]
                    && a["payment_method"] == intent["payment_method"]
            })
        },
    ),
    rule("setup_attempt", "status is a word of Stripe's", |a, _| {
        let words = [
            "abandoned",
            "failed",
            "processing",
            "requires_action",
            "requires_confirmation",
            "succeeded",
        ];
        Some(among(a, "status", &words))
    }),
    rule(
        "setup_attempt",
        "setup_error if and only if failed",
        |a, _| Some(is_set(a, "setup_error") == (a["status"] == "failed")),
    ),
    rule(
        "setup_attempt",
        "payment_method_details.type names the member",
        |a, _| {
            let details = &a["payment_method_details"];
            when(!details.is_null(), || {
                details[text(details, "type")].is_object()
            })
        },
    ),
];
