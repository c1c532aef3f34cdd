//! Invariants of checkout sessions.

use serde_json::Value;

use super::is_not_older;
use crate::account::{int, is_set, text};
use crate::table::{Invariant, rule, when};

const OF: &str = "checkout.session";
const DAY: i64 = 86_400;

fn mode(session: &Value) -> &str {
    text(session, "mode")
}

fn status(session: &Value) -> &str {
    text(session, "status")
}

fn is_hosted(session: &Value) -> bool {
    // A session that does not say it is Stripe's own page.
    !is_set(session, "ui_mode") || session["ui_mode"] == "hosted_page"
}

pub(crate) const RULES: &[Invariant] = &[
    rule(
        OF,
        "mode payment is without subscription and setup_intent",
        |s, _| {
            when(mode(s) == "payment", || {
                !is_set(s, "subscription") && !is_set(s, "setup_intent")
            })
        },
    ),
    rule(
        OF,
        "mode subscription is without payment_intent and setup_intent",
        |s, _| {
            when(mode(s) == "subscription", || {
                !is_set(s, "payment_intent") && !is_set(s, "setup_intent")
            })
        },
    ),
    rule(
        OF,
        "mode setup is without payment_intent, subscription and invoice",
        |s, _| {
            when(mode(s) == "setup", || {
                !is_set(s, "payment_intent") && !is_set(s, "subscription") && !is_set(s, "invoice")
            })
        },
    ),
    rule(
        OF,
        "mode setup has a setup_intent when complete",
        |s, account| {
            when(mode(s) == "setup" && status(s) == "complete", || {
                account
                    .get_a("setup_intent", &s["setup_intent"])
                    .is_some_and(|intent| intent["status"] == "succeeded")
            })
        },
    ),
    rule(
        OF,
        "mode setup has payment_status no_payment_required",
        |s, _| {
            when(mode(s) == "setup", || {
                s["payment_status"] == "no_payment_required"
            })
        },
    ),
    rule(
        OF,
        "mode subscription has a subscription when complete",
        |s, _| {
            when(mode(s) == "subscription" && status(s) == "complete", || {
                is_set(s, "subscription") && is_set(s, "customer")
            })
        },
    ),
    rule(OF, "subscription is null until complete", |s, _| {
        when(status(s) != "complete", || !is_set(s, "subscription"))
    }),
    rule(
        OF,
        "mode payment has a payment_intent that succeeded when paid",
        |s, account| {
            when(
                mode(s) == "payment" && s["payment_status"] == "paid",
                || {
                    account
                        .get_a("payment_intent", &s["payment_intent"])
                        .is_some_and(|intent| intent["status"] == "succeeded")
                },
            )
        },
    ),
    rule(
        OF,
        "payment_intent has its amount_total, currency and customer",
        |s, account| {
            let intent = account.get_a("payment_intent", &s["payment_intent"])?;
            Some(
                intent["amount"] == s["amount_total"]
                    && intent["currency"] == s["currency"]
                    && intent["customer"] == s["customer"],
            )
        },
    ),
    rule(
        OF,
        "subscription has its customer and currency",
        |s, account| {
            let subscription = account.get_a("subscription", &s["subscription"])?;
            Some(
                subscription["customer"] == s["customer"]
                    && subscription["currency"] == s["currency"],
            )
        },
    ),
    rule(OF, "invoice has its customer and currency", |s, account| {
        let invoice = account.get_a("invoice", &s["invoice"])?;
        Some(invoice["customer"] == s["customer"] && invoice["currency"] == s["currency"])
    }),
    rule(OF, "url only while open", |s, _| {
        when(status(s) != "open", || !is_set(s, "url"))
    }),
    rule(OF, "url is there while open with a hosted page", |s, _| {
        when(status(s) == "open" && is_hosted(s), || {
            text(s, "url").starts_with("https://")
        })
    }),
    rule(
        OF,
        "client_secret only if ui_mode is not hosted_page",
        |s, _| when(is_hosted(s), || !is_set(s, "client_secret")),
    ),
    rule(
        OF,
        "return_url only if ui_mode is not hosted_page",
        |s, _| when(is_hosted(s), || !is_set(s, "return_url")),
    ),
    rule(OF, "success_url only if ui_mode is hosted_page", |s, _| {
        when(!is_hosted(s), || !is_set(s, "success_url"))
    }),
    rule(OF, "payment_status is paid only when complete", |s, _| {
        when(status(s) != "complete", || s["payment_status"] != "paid")
    }),
    rule(OF, "expires_at is within 24 hours after created", |s, _| {
        let after = int(s, "expires_at") - int(s, "created");
        Some((1..=DAY).contains(&after))
    }),
    rule(
        OF,
        "expires_at is over when expired by itself, to come when open",
        |s, account| when(status(s) == "open", || int(s, "expires_at") > account.began),
    ),
    rule(
        OF,
        "amount_total is amount_subtotal + tax + shipping − discount",
        |s, _| {
            let details = &s["total_details"];
            let added = int(details, "amount_tax") + int(details, "amount_shipping");
            when(is_set(s, "amount_total"), || {
                int(s, "amount_total")
                    == int(s, "amount_subtotal") + added - int(details, "amount_discount")
            })
        },
    ),
    rule(
        OF,
        "amount_total, amount_subtotal and currency are there unless mode is setup",
        |s, _| {
            when(mode(s) != "setup", || {
                is_set(s, "amount_total") && is_set(s, "amount_subtotal") && is_set(s, "currency")
            })
        },
    ),
    rule(
        OF,
        "amount_total and total_details are null if mode is setup",
        |s, _| when(mode(s) == "setup", || !is_set(s, "amount_total")),
    ),
    rule(OF, "customer_details are there when complete", |s, _| {
        when(status(s) == "complete", || is_set(s, "customer_details"))
    }),
    rule(
        OF,
        "created is not before its customer's while open",
        |s, account| {
            // A session that completes may make its customer then.
            is_not_older(account, s, "customer").filter(|_| status(s) == "open")
        },
    ),
];
