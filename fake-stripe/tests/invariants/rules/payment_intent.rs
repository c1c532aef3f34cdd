//! Invariants of payment intents.

use serde_json::Value;

use super::{is_not_older, is_secret_of, is_usable, names_its_member};
use crate::account::{Account, among, int, is_set, rows, text};
use crate::table::{Invariant, rule, when};

fn status(intent: &Value) -> &str {
    text(intent, "status")
}

fn latest<'a>(intent: &Value, account: &'a Account) -> Option<&'a Value> {
    account.get_a("charge", &intent["latest_charge"])
}

pub(crate) const RULES: &[Invariant] = &[
    rule("payment_intent", "amount is above 0", |p, _| {
        Some(int(p, "amount") > 0)
    }),
    rule(
        "payment_intent",
        "amount_received is amount when succeeded",
        |p, _| {
            when(status(p) == "succeeded", || {
                p["amount_received"] == p["amount"]
            })
        },
    ),
    rule("payment_intent", "amount_received is 0 before", |p, _| {
        when(status(p) != "succeeded", || int(p, "amount_received") == 0)
    }),
    rule(
        "payment_intent",
        "amount_capturable is amount when requires_capture, else 0",
        |p, _| {
            let expected = if status(p) == "requires_capture" {
                int(p, "amount")
            } else {
                0
            };
            Some(int(p, "amount_capturable") == expected)
        },
    ),
    rule(
        "payment_intent",
        "canceled_at if and only if canceled",
        |p, _| Some(is_set(p, "canceled_at") == (status(p) == "canceled")),
    ),
    rule(
        "payment_intent",
        "canceled_at is not before created",
        |p, _| {
            when(is_set(p, "canceled_at"), || {
                int(p, "canceled_at") >= int(p, "created")
            })
        },
    ),
    rule(
        "payment_intent",
        "cancellation_reason only when canceled",
        |p, _| {
            when(status(p) != "canceled", || {
                !is_set(p, "cancellation_reason")
            })
        },
    ),
    rule("payment_intent", "client_secret is of its id", |p, _| {
        Some(is_secret_of(p))
    }),
    rule(
        "payment_intent",
        "latest_charge is shipped where it is",
        |p, account| latest(p, account).map(|charge| charge["shipping"] == p["shipping"]),
    ),
    rule(
        "payment_intent",
        "latest_charge points back",
        |p, account| {
            when(is_set(p, "latest_charge"), || {
                latest(p, account).is_some_and(|charge| charge["payment_intent"] == p["id"])
            })
        },
    ),
    rule(
        "payment_intent",
        "latest_charge has succeeded when succeeded or requires_capture",
        |p, account| {
            when(
                ["succeeded", "requires_capture"].contains(&status(p)),
                || {
                    latest(p, account).is_some_and(|charge| {
                        charge["status"] == "succeeded"
                            && charge["captured"] == (status(p) == "succeeded")
                    })
                },
            )
        },
    ),
    rule(
        "payment_intent",
        "latest_charge has not succeeded when requires_payment_method",
        |p, account| {
            let open = [
                "requires_payment_method",
                "requires_confirmation",
                "requires_action",
            ];
            when(open.contains(&status(p)), || {
                latest(p, account).is_none_or(|charge| charge["status"] == "failed")
            })
        },
    ),
    rule(
        "payment_intent",
        "one charge at most has succeeded",
        |p, account| {
            let charges = account.pointing("charge", "/payment_intent", &p["id"]);
            when(!charges.is_empty(), || {
                let succeeded = charges
                    .iter()
                    .filter(|charge| charge["status"] == "succeeded");
                succeeded.count() <= 1
            })
        },
    ),
    rule(
        "payment_intent",
        "latest_charge is there if it has charges, and the newest",
        |p, account| {
            let charges = account.pointing("charge", "/payment_intent", &p["id"]);
            let newest = charges.iter().map(|charge| int(charge, "created")).max()?;
            let latest = latest(p, account);
            Some(latest.is_some_and(|charge| int(charge, "created") == newest))
        },
    ),
    rule(
        "payment_intent",
        "capture_method allows requires_capture",
        |p, _| {
            when(status(p) == "requires_capture", || {
                let options = p["payment_method_options"]
                    .as_object()
                    .into_iter()
                    .flatten();
                let by_option = options
                    .into_iter()
                    .any(|(_, option)| text(option, "capture_method").starts_with("manual"));
                p["capture_method"] == "manual" || by_option
            })
        },
    ),
    rule(
        "payment_intent",
        "last_payment_error only when requires_payment_method or canceled",
        |p, _| {
            when(
                !["requires_payment_method", "canceled"].contains(&status(p)),
                || !is_set(p, "last_payment_error"),
            )
        },
    ),
    rule(
        "payment_intent",
        "last_payment_error is there when latest_charge failed",
        |p, account| {
            let charge = latest(p, account)?;
            let waits = status(p) == "requires_payment_method";
            when(waits && charge["status"] == "failed", || {
                is_set(p, "last_payment_error")
            })
        },
    ),
    rule(
        "payment_intent",
        "last_payment_error.charge is a charge of it",
        |p, account| {
            let charge = &p["last_payment_error"]["charge"];
            when(!charge.is_null(), || {
                account.get_a("charge", charge).is_some_and(|charge| {
                    charge["payment_intent"] == p["id"] && charge["status"] == "failed"
                })
            })
        },
    ),
    rule(
        "payment_intent",
        "last_payment_error embeds no intent",
        |p, _| {
            let error = &p["last_payment_error"];
            when(!error.is_null(), || {
                !is_set(error, "payment_intent") && !is_set(error, "setup_intent")
            })
        },
    ),
    rule(
        "payment_intent",
        "next_action if and only if requires_action",
        |p, _| Some(is_set(p, "next_action") == (status(p) == "requires_action")),
    ),
    rule(
        "payment_intent",
        "next_action.type names the member",
        |p, _| {
            when(is_set(p, "next_action"), || {
                names_its_member(&p["next_action"], &[])
            })
        },
    ),
    rule(
        "payment_intent",
        "processing only while processing",
        |p, _| when(status(p) != "processing", || !is_set(p, "processing")),
    ),
    rule(
        "payment_intent",
        "payment_method_types are some, each once",
        |p, _| {
            let types = rows(p, "payment_method_types");
            let mut seen = Vec::new();
            let once = types.iter().all(|kind| {
                let new = !seen.contains(&kind);
                seen.push(kind);
                new
            });
            Some(!types.is_empty() && once)
        },
    ),
    rule(
        "payment_intent",
        "payment_method is null when requires_payment_method",
        |p, _| {
            when(status(p) == "requires_payment_method", || {
                !is_set(p, "payment_method")
            })
        },
    ),
    rule(
        "payment_intent",
        "payment_method is there once confirmed",
        |p, _| {
            let later = [
                "requires_confirmation",
                "requires_action",
                "processing",
                "requires_capture",
                "succeeded",
            ];
            when(later.contains(&status(p)), || is_set(p, "payment_method"))
        },
    ),
    rule(
        "payment_intent",
        "payment_method is of one of payment_method_types",
        |p, account| {
            let method = account.get_a("payment_method", &p["payment_method"])?;
            Some(rows(p, "payment_method_types").contains(&method["type"]))
        },
    ),
    rule(
        "payment_intent",
        "payment_method is its latest_charge's when succeeded",
        |p, account| {
            let charge = latest(p, account)?;
            when(status(p) == "succeeded", || {
                p["payment_method"] == charge["payment_method"]
            })
        },
    ),
    rule(
        "payment_intent",
        "payment_method is of its customer",
        |p, account| {
            when(is_set(p, "payment_method"), || {
                is_usable(account, &p["payment_method"], &p["customer"])
            })
        },
    ),
    rule(
        "payment_intent",
        "payment_method_options are of payment_method_types",
        |p, _| {
            let options = p["payment_method_options"].as_object()?;
            let types = rows(p, "payment_method_types");
            when(!options.is_empty(), || {
                options
                    .keys()
                    .all(|key| types.iter().any(|kind| kind == key))
            })
        },
    ),
    rule(
        "payment_intent",
        "application_fee_amount is at most amount",
        |p, _| {
            when(is_set(p, "application_fee_amount"), || {
                (0..=int(p, "amount")).contains(&int(p, "application_fee_amount"))
            })
        },
    ),
    rule(
        "payment_intent",
        "created is not before its customer's",
        |p, account| is_not_older(account, p, "customer"),
    ),
    rule(
        "payment_intent",
        "invoice it pays has its customer and currency",
        |p, account| {
            let payments = account.pointing("invoice_payment", "/payment/payment_intent", &p["id"]);
            let invoice = account.get_a("invoice", &payments.first()?["invoice"])?;
            Some(p["customer"] == invoice["customer"] && p["currency"] == invoice["currency"])
        },
    ),
    rule(
        "payment_intent",
        "it pays one invoice at most",
        |p, account| {
            let payments = account.pointing("invoice_payment", "/payment/payment_intent", &p["id"]);
            when(!payments.is_empty(), || payments.len() == 1)
        },
    ),
    rule(
        "payment_intent",
        "setup_future_usage is a word of Stripe's",
        |p, _| {
            when(is_set(p, "setup_future_usage"), || {
                among(p, "setup_future_usage", &["off_session", "on_session"])
            })
        },
    ),
];
