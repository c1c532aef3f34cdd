//! Invariants of what is offered: quotes, payment links, schedules, and the rows of what is sold.

use serde_json::Value;

use crate::account::{int, is_set, rows, text};
use crate::table::{Invariant, rule, when};

fn status(of: &Value) -> &str {
    text(of, "status")
}

/// Whether amounts are sums of the parts that stand beside them.
fn adds_up(of: &Value) -> bool {
    let details = &of["total_details"];
    let added = int(details, "amount_tax") + int(details, "amount_shipping");
    int(of, "amount_total") == int(of, "amount_subtotal") + added - int(details, "amount_discount")
}

pub(crate) const RULES: &[Invariant] = &[
    rule(
        "quote",
        "amount_total adds up, also at once and each period",
        |q, _| {
            let computed = &q["computed"];
            let parts = [q, &computed["upfront"], &computed["recurring"]];
            let mut parts = parts.iter().filter(|part| part.is_object());
            Some(
                parts.all(|part| adds_up(part))
                    && computed["upfront"]["amount_total"] == q["amount_total"],
            )
        },
    ),
    rule(
        "quote",
        "amount_subtotal is above 0 when finalized",
        |q, _| when(status(q) != "draft", || int(q, "amount_subtotal") > 0),
    ),
    rule("quote", "expires_at is to come when open", |q, account| {
        when(status(q) == "open", || int(q, "expires_at") > account.began)
    }),
    rule("quote", "status_transitions fit status", |q, _| {
        let times = &q["status_transitions"];
        Some(
            is_set(times, "accepted_at") == (status(q) == "accepted")
                && is_set(times, "canceled_at") == (status(q) == "canceled")
                && is_set(times, "finalized_at") == (status(q) != "draft"),
        )
    }),
    rule(
        "quote",
        "it became a subscription or an invoice when accepted",
        |q, account| {
            when(status(q) == "accepted", || {
                let subscription = account.get_a("subscription", &q["subscription"]);
                let invoice = account.get_a("invoice", &q["invoice"]);
                let what = subscription.or(invoice);
                what.is_some_and(|what| {
                    what["customer"] == q["customer"]
                        && what["currency"] == q["currency"]
                        && int(what, "created") >= int(q, "created")
                })
            })
        },
    ),
    rule(
        "quote",
        "number is its customer's when finalized",
        |q, account| {
            let customer = account.get_a("customer", &q["customer"])?;
            when(status(q) != "draft", || {
                text(q, "number").starts_with(&format!("QT-{}-", text(customer, "invoice_prefix")))
            })
        },
    ),
    rule("quote", "fees are of platforms alone", |q, _| {
        Some(!is_set(q, "application_fee_amount") && !is_set(q, "application_fee_percent"))
    }),
    rule("quote", "automatic_tax.status only if enabled", |q, _| {
        let tax = &q["automatic_tax"];
        Some(tax["enabled"] == true || !is_set(tax, "status"))
    }),
    rule("quote", "days_until_due if and only if sent", |q, _| {
        let is_sent = q["collection_method"] == "send_invoice";
        Some(is_set(&q["invoice_settings"], "days_until_due") == is_sent)
    }),
    rule("payment_link", "url is one of buy.stripe.com", |l, _| {
        Some(text(l, "url").starts_with("https://buy.stripe.com/"))
    }),
    rule("payment_link", "fees are of platforms alone", |l, _| {
        Some(!is_set(l, "application_fee_amount") && !is_set(l, "application_fee_percent"))
    }),
    rule(
        "payment_link",
        "payment_method_types are null or some",
        |l, _| {
            Some(!is_set(l, "payment_method_types") || !rows(l, "payment_method_types").is_empty())
        },
    ),
    rule("item", "it is of a price of its currency", |i, _| {
        Some(i["price"]["currency"] == i["currency"])
    }),
    rule(
        "item",
        "amount_total is amount_subtotal + tax − discount",
        |i, _| {
            let total =
                int(i, "amount_subtotal") + int(i, "amount_tax") - int(i, "amount_discount");
            Some(int(i, "amount_total") == total)
        },
    ),
    rule("item", "description is its product's name", |i, account| {
        let product = account.get_a("product", &i["price"]["product"])?;
        Some(i["description"] == product["name"])
    }),
    rule(
        "checkout.session",
        "customer_creation in mode payment alone",
        |s, _| when(s["mode"] != "payment", || !is_set(s, "customer_creation")),
    ),
    rule(
        "checkout.session",
        "payment_method_types are its payment's",
        |s, account| {
            let intent = account.get_a("payment_intent", &s["payment_intent"])?;
            Some(s["payment_method_types"] == intent["payment_method_types"])
        },
    ),
    rule("subscription_schedule", "it has phases in order", |s, _| {
        let phases = rows(s, "phases");
        let mut each = phases.iter();
        let are_in_order = each.all(|phase| int(phase, "start_date") < int(phase, "end_date"));
        Some(!phases.is_empty() && are_in_order)
    }),
    rule(
        "subscription_schedule",
        "current_phase holds now when active",
        |s, account| {
            let phase = &s["current_phase"];
            let holds =
                (int(phase, "start_date")..=int(phase, "end_date")).contains(&account.began);
            when(
                status(s) == "active" && int(s, "created") <= account.began,
                || holds,
            )
        },
    ),
    rule(
        "subscription_schedule",
        "subscription is there and points back when active",
        |s, account| {
            when(status(s) == "active", || {
                let subscription = account.get_a("subscription", &s["subscription"]);
                subscription
                    .is_some_and(|of| of["schedule"] == s["id"] && of["customer"] == s["customer"])
            })
        },
    ),
    rule(
        "subscription_schedule",
        "phases have the plans of their prices",
        |s, _| {
            let items = rows(s, "phases")
                .iter()
                .flat_map(|phase| rows(phase, "items"));
            Some(items.into_iter().all(|item| item["plan"] == item["price"]))
        },
    ),
    rule(
        "credit_note",
        "created is not before its invoice was finalized",
        |n, account| {
            let invoice = account.get_a("invoice", &n["invoice"])?;
            Some(int(n, "created") >= int(&invoice["status_transitions"], "finalized_at"))
        },
    ),
    rule("credit_note", "number is its invoice's", |n, account| {
        let invoice = account.get_a("invoice", &n["invoice"])?;
        Some(text(n, "number").starts_with(&format!("{}-CN-", text(invoice, "number"))))
    }),
    rule("credit_note", "pdf is one of pay.stripe.com", |n, _| {
        Some(text(n, "pdf").starts_with("https://pay.stripe.com/credit_notes/"))
    }),
    rule(
        "credit_note_line_item",
        "invoice_line_item if and only if type says so",
        |l, _| Some(is_set(l, "invoice_line_item") == (l["type"] == "invoice_line_item")),
    ),
    rule(
        "customer_balance_transaction",
        "ending_balance is a running sum",
        |t, account| {
            let all = account.pointing("customer_balance_transaction", "/customer", &t["customer"]);
            let before = int(t, "ending_balance") - int(t, "amount");
            let mut balances = all.iter().map(|other| int(other, "ending_balance"));
            Some(before == 0 || balances.any(|balance| balance == before))
        },
    ),
    rule(
        "customer",
        "balance is that of its last movement",
        |c, account| {
            let all = account.pointing("customer_balance_transaction", "/customer", &c["id"]);
            let sum: i64 = all.iter().map(|movement| int(movement, "amount")).sum();
            when(!all.is_empty(), || int(c, "balance") == sum)
        },
    ),
    rule(
        "customer_balance_transaction",
        "invoice if and only if type is of one",
        |t, _| Some(text(t, "type").ends_with("invoice") == is_set(t, "invoice")),
    ),
    rule(
        "dispute",
        "network_reason_code is that of reason",
        |d, _| {
            let codes: &[&str] = match text(d, "reason") {
                "fraudulent" => &["10.4", "4837", "F29", "UA02"],
                "product_not_received" => &["13.1", "4853", "C08", "RG"],
                "subscription_canceled" => &["13.2", "4841", "C28", "AP"],
                "duplicate" => &["12.6.1", "4834", "P08", "DP"],
                _ => return None,
            };
            Some(codes.contains(&text(d, "network_reason_code")))
        },
    ),
    rule("dispute", "card.brand is its charge's", |d, account| {
        let charge = account.get_a("charge", &d["charge"])?;
        let brand = &charge["payment_method_details"]["card"]["brand"];
        when(brand.is_string(), || {
            d["payment_method_details"]["card"]["brand"] == *brand
        })
    }),
    rule(
        "dispute",
        "evidence is empty unless has_evidence",
        |d, _| {
            when(d["evidence_details"]["has_evidence"] == false, || {
                let mut evidence = d["evidence"].as_object().into_iter().flatten();
                evidence.all(|(_, value)| {
                    value
                        .as_object()
                        .map_or(value.is_null(), |of| of.is_empty())
                })
            })
        },
    ),
    rule(
        "charge",
        "receipt_email is its payment_intent's",
        |c, account| {
            let intent = account.get_a("payment_intent", &c["payment_intent"])?;
            Some(c["receipt_email"] == intent["receipt_email"])
        },
    ),
    rule("charge", "it is not pending when paid by card", |c, _| {
        when(c["payment_method_details"]["type"] == "card", || {
            status(c) != "pending"
        })
    }),
    rule(
        "charge",
        "network_transaction_id is there when paid by card",
        |c, _| {
            let card = &c["payment_method_details"]["card"];
            when(card.is_object() && status(c) == "succeeded", || {
                is_set(card, "network_transaction_id")
            })
        },
    ),
    rule(
        "charge",
        "address_postal_code_check only with a postal code",
        |c, _| {
            let checks = &c["payment_method_details"]["card"]["checks"];
            when(is_set(checks, "address_postal_code_check"), || {
                is_set(&c["billing_details"]["address"], "postal_code")
            })
        },
    ),
    rule(
        "balance_transaction",
        "description is there for charges, refunds and payouts",
        |t, _| match text(t, "type") {
            "payout" => Some(t["description"] == "STRIPE PAYOUT"),
            "refund" => Some(text(t, "description").starts_with("REFUND FOR CHARGE")),
            _ => None,
        },
    ),
    rule(
        "webhook_endpoint",
        "secret is shown once, and enabled_events are some",
        |w, _| Some(!is_set(w, "secret") && !rows(w, "enabled_events").is_empty()),
    ),
];
