//! Invariants of balance transactions.

use serde_json::Value;

use crate::account::{Account, among, int, is_set, rows, sum, text};
use crate::table::{Invariant, rule, when};

/// (type, its category in reports).
const CATEGORIES: [(&str, &str); 20] = [
    ("application_fee", "platform_earning"),
    ("application_fee_refund", "platform_earning_refund"),
    ("charge", "charge"),
    ("payment", "charge"),
    ("payment_failure_refund", "charge_failure"),
    ("payment_refund", "refund"),
    ("payout", "payout"),
    ("payout_cancel", "payout_reversal"),
    ("payout_failure", "payout_reversal"),
    ("refund", "refund"),
    ("refund_failure", "refund_failure"),
    ("reserve_transaction", "risk_reserved_funds"),
    ("stripe_fee", "fee"),
    ("stripe_fx_fee", "fee"),
    ("tax_fee", "tax"),
    ("topup", "topup"),
    ("topup_reversal", "topup_reversal"),
    ("transfer", "transfer"),
    ("transfer_failure", "transfer_reversal"),
    ("transfer_refund", "transfer_reversal"),
];
/// (type, the object that it is about).
const SOURCES: [(&str, &str); 14] = [
    ("application_fee", "application_fee"),
    ("application_fee_refund", "fee_refund"),
    ("charge", "charge"),
    ("payment", "charge"),
    ("payment_failure_refund", "charge"),
    ("payment_refund", "refund"),
    ("payout", "payout"),
    ("payout_cancel", "payout"),
    ("payout_failure", "payout"),
    ("refund", "refund"),
    ("refund_failure", "refund"),
    ("topup", "topup"),
    ("transfer", "transfer"),
    ("transfer_refund", "transfer_reversal"),
];
const FEE_TYPES: [&str; 5] = [
    "application_fee",
    "payment_method_passthrough_fee",
    "stripe_fee",
    "tax",
    "withheld_tax",
];
const DAY: i64 = 86_400;

fn source<'a>(booking: &Value, account: &'a Account) -> Option<&'a Value> {
    account.get(&booking["source"])
}

/// Whether the object that moved the money names this movement.
fn points_back(booking: &Value, source: &Value) -> bool {
    source["balance_transaction"] == booking["id"]
        || source["failure_balance_transaction"] == booking["id"]
        || rows(source, "balance_transactions")
            .iter()
            .any(|of_dispute| of_dispute["id"] == booking["id"])
}

pub(crate) const RULES: &[Invariant] = &[
    rule("balance_transaction", "net is amount − fee", |b, _| {
        Some(int(b, "net") == int(b, "amount") - int(b, "fee"))
    }),
    rule(
        "balance_transaction",
        "fee is the sum of fee_details",
        |b, _| Some(int(b, "fee") == sum(rows(b, "fee_details"), "amount")),
    ),
    rule(
        "balance_transaction",
        "fee_details have its currency",
        |b, _| {
            let details = rows(b, "fee_details");
            when(!details.is_empty(), || {
                details.iter().all(|fee| fee["currency"] == b["currency"])
            })
        },
    ),
    rule(
        "balance_transaction",
        "fee_details have types of Stripe's",
        |b, _| {
            let details = rows(b, "fee_details");
            when(!details.is_empty(), || {
                details.iter().all(|fee| among(fee, "type", &FEE_TYPES))
            })
        },
    ),
    rule(
        "balance_transaction",
        "status is a word of Stripe's",
        |b, _| Some(among(b, "status", &["available", "pending"])),
    ),
    rule(
        "balance_transaction",
        "available_on is over when available",
        |b, account| {
            when(b["status"] == "available", || {
                int(b, "available_on") <= account.now
            })
        },
    ),
    rule(
        "balance_transaction",
        "available_on is to come when pending",
        |b, account| {
            when(b["status"] == "pending", || {
                int(b, "available_on") + DAY > account.now
            })
        },
    ),
    rule(
        "balance_transaction",
        "available_on is not before created",
        |b, _| {
            // The day on which it is available, at midnight.
            Some(int(b, "available_on") > int(b, "created") - DAY)
        },
    ),
    rule("balance_transaction", "source is there", |b, account| {
        let needs = SOURCES.iter().any(|(kind, _)| b["type"] == *kind);
        when(needs, || source(b, account).is_some())
    }),
    rule("balance_transaction", "source points back", |b, account| {
        Some(points_back(b, source(b, account)?))
    }),
    rule(
        "balance_transaction",
        "source is what type says",
        |b, account| {
            let source = source(b, account)?;
            let (_, object) = SOURCES.iter().find(|(kind, _)| b["type"] == *kind)?;
            Some(source["object"] == *object)
        },
    ),
    rule(
        "balance_transaction",
        "source's type is what the object makes",
        |b, account| {
            let source = source(b, account)?;
            let object = text(source, "object");
            let made: Vec<&str> = match object {
                "dispute" => vec!["adjustment"],
                _ => SOURCES
                    .iter()
                    .filter(|(_, of)| *of == object)
                    .map(|(kind, _)| *kind)
                    .collect(),
            };
            when(!made.is_empty(), || among(b, "type", &made))
        },
    ),
    rule(
        "balance_transaction",
        "reporting_category fits type",
        |b, _| {
            let (_, category) = CATEGORIES.iter().find(|(kind, _)| b["type"] == *kind)?;
            Some(b["reporting_category"] == *category)
        },
    ),
    rule(
        "balance_transaction",
        "amount has the sign of its type",
        |b, _| {
            let amount = int(b, "amount");
            match text(b, "type") {
                "charge" | "payment" | "application_fee" | "topup" | "payout_failure"
                | "payout_cancel" => Some(amount > 0),
                "refund" | "payment_refund" | "transfer" | "application_fee_refund" => {
                    Some(amount < 0)
                }
                _ => None,
            }
        },
    ),
    rule(
        "balance_transaction",
        "amount is its source's",
        |b, account| {
            let source = source(b, account)?;
            let member = if source["object"] == "charge" {
                "amount_captured"
            } else {
                "amount"
            };
            let whole = among(
                b,
                "type",
                &[
                    "charge",
                    "payment",
                    "refund",
                    "payment_refund",
                    "payout",
                    "transfer",
                    "application_fee",
                ],
            );
            when(whole && b["currency"] == source["currency"], || {
                int(b, "amount").abs() == int(source, member).abs()
            })
        },
    ),
    rule(
        "balance_transaction",
        "exchange_rate if and only if its source has another currency",
        |b, account| {
            let source = source(b, account)?;
            when(is_set(source, "currency"), || {
                is_set(b, "exchange_rate") == (b["currency"] != source["currency"])
            })
        },
    ),
    rule(
        "balance_transaction",
        "created is not before its source's",
        |b, account| super::is_not_older(account, b, "source"),
    ),
    rule(
        "balance_transaction",
        "fee is plausible: less than its amount",
        |b, _| {
            let large = int(b, "amount") >= 1_000;
            when(among(b, "type", &["charge", "payment"]) && large, || {
                (0..int(b, "amount")).contains(&int(b, "fee"))
            })
        },
    ),
];
