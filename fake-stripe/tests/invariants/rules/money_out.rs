//! Invariants of what takes money back or out: disputes, payouts, transfers, application fees, credit notes.

use serde_json::Value;

use super::{is_booked, is_not_older};
use crate::account::{Account, among, int, is_set, rows, sum, text};
use crate::table::{Invariant, rule, when};

const DAY: i64 = 86_400;
const DISPUTE_REASONS: [&str; 14] = [
    "bank_cannot_process",
    "check_returned",
    "credit_not_processed",
    "customer_initiated",
    "debit_not_authorized",
    "duplicate",
    "fraudulent",
    "general",
    "incorrect_account_details",
    "insufficient_funds",
    "noncompliant",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
];
const MORE_DISPUTE_REASONS: [&str; 1] = ["unrecognized"];

fn charge<'a>(of: &Value, account: &'a Account) -> Option<&'a Value> {
    account.get_a("charge", &of["charge"])
}

fn invoice<'a>(note: &Value, account: &'a Account) -> Option<&'a Value> {
    account.get_a("invoice", &note["invoice"])
}

pub(crate) const RULES: &[Invariant] = &[
    rule("dispute", "charge is there and disputed", |d, account| {
        Some(charge(d, account).is_some_and(|charge| charge["disputed"] == true))
    }),
    rule(
        "dispute",
        "amount and currency fit its charge",
        |d, account| {
            let charge = charge(d, account)?;
            let amount = 1..=int(charge, "amount");
            Some(d["currency"] == charge["currency"] && amount.contains(&int(d, "amount")))
        },
    ),
    rule("dispute", "payment_intent is its charge's", |d, account| {
        Some(d["payment_intent"] == charge(d, account)?["payment_intent"])
    }),
    rule("dispute", "charge has succeeded", |d, account| {
        Some(charge(d, account)?["status"] == "succeeded")
    }),
    rule(
        "dispute",
        "created is not before its charge's",
        |d, account| is_not_older(account, d, "charge"),
    ),
    rule("dispute", "reason is a word of Stripe's", |d, _| {
        Some(among(d, "reason", &DISPUTE_REASONS) || among(d, "reason", &MORE_DISPUTE_REASONS))
    }),
    rule(
        "dispute",
        "balance_transactions are none for an inquiry",
        |d, _| {
            when(text(d, "status").starts_with("warning_"), || {
                rows(d, "balance_transactions").is_empty()
            })
        },
    ),
    rule(
        "dispute",
        "balance_transactions are adjustments of it",
        |d, _| {
            let bookings = rows(d, "balance_transactions");
            when(!bookings.is_empty(), || {
                bookings
                    .iter()
                    .all(|booking| booking["type"] == "adjustment" && booking["source"] == d["id"])
            })
        },
    ),
    rule(
        "dispute",
        "balance_transactions take amount first",
        |d, _| {
            let bookings = rows(d, "balance_transactions");
            when(!bookings.is_empty(), || {
                bookings.iter().any(|booking| {
                    booking["currency"] != d["currency"]
                        || int(booking, "amount") == -int(d, "amount")
                })
            })
        },
    ),
    rule(
        "dispute",
        "evidence_details.due_by is after created",
        |d, _| {
            let due = d["evidence_details"]["due_by"].as_i64()?;
            Some(due > int(d, "created"))
        },
    ),
    rule(
        "dispute",
        "evidence was submitted when under_review",
        |d, _| {
            when(d["status"] == "under_review", || {
                int(&d["evidence_details"], "submission_count") > 0
            })
        },
    ),
    rule(
        "dispute",
        "payment_method_details.type names the member",
        |d, _| {
            when(is_set(d, "payment_method_details"), || {
                super::names_its_member(&d["payment_method_details"], &[])
            })
        },
    ),
    rule("payout", "status is a word of Stripe's", |p, _| {
        Some(among(
            p,
            "status",
            &["canceled", "failed", "in_transit", "paid", "pending"],
        ))
    }),
    rule("payout", "amount is not 0", |p, _| {
        Some(int(p, "amount") != 0)
    }),
    rule(
        "payout",
        "failure_code and failure_message if and only if failed",
        |p, _| {
            let failed = p["status"] == "failed";
            Some(is_set(p, "failure_code") == failed && is_set(p, "failure_message") == failed)
        },
    ),
    rule(
        "payout",
        "failure_balance_transaction if and only if failed or canceled",
        |p, _| {
            let back = among(p, "status", &["canceled", "failed"]);
            Some(is_set(p, "failure_balance_transaction") == back)
        },
    ),
    rule(
        "payout",
        "arrival_date is not before the day of created",
        |p, _| Some(int(p, "arrival_date") > int(p, "created") - DAY),
    ),
    rule("payout", "arrival_date is over when paid", |p, account| {
        when(p["status"] == "paid", || {
            int(p, "arrival_date") <= account.now
        })
    }),
    rule("payout", "method is a word of Stripe's", |p, _| {
        Some(among(p, "method", &["instant", "standard"]))
    }),
    rule("payout", "source_type is a word of Stripe's", |p, _| {
        Some(among(p, "source_type", &["bank_account", "card", "fpx"]))
    }),
    rule(
        "payout",
        "reconciliation_status is not_applicable if not automatic",
        |p, _| {
            when(p["automatic"] == false, || {
                p["reconciliation_status"] == "not_applicable"
            })
        },
    ),
    rule(
        "payout",
        "balance_transaction is of this payout and takes amount",
        |p, account| is_booked(account, p, "balance_transaction", -int(p, "amount")),
    ),
    rule(
        "payout",
        "destination is there and of its type",
        |p, account| {
            let destination = account.get(&p["destination"]);
            let is_gone = account.is_gone(&p["destination"]);
            Some(is_gone || destination.is_some_and(|to| to["object"] == p["type"]))
        },
    ),
    rule("payout", "trace_id.status is a word of Stripe's", |p, _| {
        when(is_set(p, "trace_id"), || {
            among(
                &p["trace_id"],
                "status",
                &["pending", "supported", "unsupported"],
            )
        })
    }),
    rule(
        "transfer",
        "amount_reversed is the sum of its reversals and at most amount",
        |t, account| {
            let reversals = account.pointing("transfer_reversal", "/transfer", &t["id"]);
            let reversed = int(t, "amount_reversed");
            Some(reversed == sum(reversals, "amount") && (0..=int(t, "amount")).contains(&reversed))
        },
    ),
    rule(
        "transfer",
        "reversed is amount_reversed == amount",
        |t, _| Some(t["reversed"] == (t["amount_reversed"] == t["amount"])),
    ),
    rule(
        "transfer",
        "destination is another account",
        |t, account| when(is_set(t, "destination"), || t["destination"] != account.id),
    ),
    rule(
        "transfer",
        "balance_transaction is of this transfer and takes amount",
        |t, account| is_booked(account, t, "balance_transaction", -int(t, "amount")),
    ),
    rule(
        "transfer",
        "amount is at most that of source_transaction",
        |t, account| {
            let charge = account.get_a("charge", &t["source_transaction"])?;
            when(charge["currency"] == t["currency"], || {
                int(t, "amount") <= int(charge, "amount")
            })
        },
    ),
    rule(
        "transfer_reversal",
        "currency is its transfer's",
        |r, account| Some(r["currency"] == account.get_a("transfer", &r["transfer"])?["currency"]),
    ),
    rule(
        "application_fee",
        "amount_refunded is the sum of its refunds and at most amount",
        |f, account| {
            let refunds = account.pointing("fee_refund", "/fee", &f["id"]);
            let refunded = int(f, "amount_refunded");
            Some(refunded == sum(refunds, "amount") && (0..=int(f, "amount")).contains(&refunded))
        },
    ),
    rule(
        "application_fee",
        "refunded is amount_refunded == amount",
        |f, _| Some(f["refunded"] == (f["amount_refunded"] == f["amount"])),
    ),
    rule(
        "application_fee",
        "balance_transaction is of this fee and amount",
        |f, account| is_booked(account, f, "balance_transaction", int(f, "amount")),
    ),
    rule(
        "application_fee",
        "fee_source.type names the member",
        |f, _| {
            let fee_source = &f["fee_source"];
            when(!fee_source.is_null(), || {
                is_set(fee_source, text(fee_source, "type"))
            })
        },
    ),
    rule("fee_refund", "currency is its fee's", |r, account| {
        Some(r["currency"] == account.get_a("application_fee", &r["fee"])?["currency"])
    }),
    rule(
        "credit_note",
        "customer and currency are its invoice's",
        |n, account| {
            let invoice = invoice(n, account)?;
            Some(n["customer"] == invoice["customer"] && n["currency"] == invoice["currency"])
        },
    ),
    rule("credit_note", "invoice is finalized", |n, account| {
        let invoice = invoice(n, account)?;
        Some(is_set(invoice, "number") && invoice["status"] != "draft")
    }),
    rule(
        "credit_note",
        "total is at most its invoice's",
        |n, account| {
            let invoice = invoice(n, account)?;
            Some((0..=int(invoice, "total")).contains(&int(n, "total")))
        },
    ),
    rule(
        "credit_note",
        "number begins with its invoice's",
        |n, account| Some(text(n, "number").starts_with(text(invoice(n, account)?, "number"))),
    ),
    rule(
        "credit_note",
        "created is not before its invoice's",
        |n, account| is_not_older(account, n, "invoice"),
    ),
    rule("credit_note", "subtotal is the sum of its lines", |n, _| {
        let lines = &n["lines"];
        when(lines["has_more"] == false, || {
            int(n, "subtotal") == sum(rows(lines, "data"), "amount")
        })
    }),
    rule(
        "credit_note",
        "total is subtotal + total_taxes − discount_amount + amount_shipping",
        |n, _| {
            let taxes = rows(n, "total_taxes").iter();
            let taxes = sum(
                taxes.filter(|tax| tax["tax_behavior"] != "inclusive"),
                "amount",
            );
            let added = taxes + int(n, "amount_shipping");
            Some(int(n, "total") == int(n, "subtotal") + added - int(n, "discount_amount"))
        },
    ),
    rule(
        "credit_note",
        "amount is pre_payment_amount + post_payment_amount",
        |n, _| {
            let parts = int(n, "pre_payment_amount") + int(n, "post_payment_amount");
            Some(int(n, "amount") == int(n, "total") && int(n, "amount") == parts)
        },
    ),
    rule(
        "credit_note",
        "type names the amounts that it has",
        |n, _| {
            let (before, after) = (int(n, "pre_payment_amount"), int(n, "post_payment_amount"));
            match text(n, "type") {
                "pre_payment" => Some(after == 0),
                "post_payment" => Some(before == 0),
                "mixed" => Some(before > 0 && after > 0),
                _ => Some(false),
            }
        },
    ),
    rule("credit_note", "voided_at if and only if void", |n, _| {
        Some(is_set(n, "voided_at") == (n["status"] == "void"))
    }),
];
