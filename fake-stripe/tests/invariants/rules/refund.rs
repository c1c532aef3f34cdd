//! Invariants of refunds.

use serde_json::Value;

use super::is_booked;
use crate::account::{Account, among, int, is_set};
use crate::table::{Invariant, rule, when};

const STATUSES: [&str; 5] = [
    "pending",
    "requires_action",
    "succeeded",
    "failed",
    "canceled",
];
const FAILURE_REASONS: [&str; 7] = [
    "charge_for_pending_refund_disputed",
    "declined",
    "expired_or_canceled_card",
    "insufficient_funds",
    "lost_or_stolen_card",
    "merchant_request",
    "unknown",
];

fn charge<'a>(refund: &Value, account: &'a Account) -> Option<&'a Value> {
    account.get_a("charge", &refund["charge"])
}

pub(crate) const RULES: &[Invariant] = &[
    rule("refund", "amount is above 0", |r, _| {
        Some(int(r, "amount") > 0)
    }),
    rule("refund", "charge is there", |r, account| {
        Some(charge(r, account).is_some())
    }),
    rule("refund", "amount is at most its charge's", |r, account| {
        let charge = charge(r, account)?;
        Some(int(r, "amount") <= int(charge, "amount_captured"))
    }),
    rule("refund", "currency is its charge's", |r, account| {
        Some(r["currency"] == charge(r, account)?["currency"])
    }),
    rule(
        "refund",
        "created is not before its charge's",
        |r, account| super::is_not_older(account, r, "charge"),
    ),
    rule("refund", "payment_intent is its charge's", |r, account| {
        Some(r["payment_intent"] == charge(r, account)?["payment_intent"])
    }),
    rule("refund", "charge has succeeded", |r, account| {
        let charge = charge(r, account)?;
        Some(charge["status"] == "succeeded" && charge["paid"] == true)
    }),
    rule("refund", "status is a word of Stripe's", |r, _| {
        Some(among(r, "status", &STATUSES))
    }),
    rule(
        "refund",
        "reason expired_uncaptured_charge is of charges that were not captured",
        |r, account| {
            let charge = charge(r, account)?;
            when(r["reason"] == "expired_uncaptured_charge", || {
                charge["captured"] == false
            })
        },
    ),
    rule(
        "refund",
        "balance_transaction is of this refund and takes amount",
        |r, account| is_booked(account, r, "balance_transaction", -int(r, "amount")),
    ),
    rule(
        "refund",
        "balance_transaction is there when succeeded",
        |r, _| {
            when(r["status"] == "succeeded", || {
                is_set(r, "balance_transaction")
            })
        },
    ),
    rule("refund", "failure_reason if and only if failed", |r, _| {
        Some(is_set(r, "failure_reason") == (r["status"] == "failed"))
    }),
    rule("refund", "failure_reason is a word of Stripe's", |r, _| {
        when(is_set(r, "failure_reason"), || {
            among(r, "failure_reason", &FAILURE_REASONS)
        })
    }),
    rule(
        "refund",
        "failure_balance_transaction only when failed or canceled",
        |r, _| {
            when(!among(r, "status", &["failed", "canceled"]), || {
                !is_set(r, "failure_balance_transaction")
            })
        },
    ),
    rule("refund", "pending_reason only when pending", |r, _| {
        when(r["status"] != "pending", || !is_set(r, "pending_reason"))
    }),
    rule("refund", "next_action only when requires_action", |r, _| {
        when(r["status"] != "requires_action", || {
            !is_set(r, "next_action")
        })
    }),
    rule(
        "refund",
        "destination_details.type names the member",
        |r, _| {
            when(is_set(r, "destination_details"), || {
                super::names_its_member(&r["destination_details"], &[])
            })
        },
    ),
    rule(
        "refund",
        "destination_details of a card charge are of a card",
        |r, account| {
            let charge = charge(r, account)?;
            let by_card = charge["payment_method_details"]["type"] == "card";
            when(is_set(r, "destination_details") && by_card, || {
                r["destination_details"]["type"] == "card"
            })
        },
    ),
    rule(
        "refund",
        "source_transfer_reversal only if its charge made a transfer",
        |r, account| {
            let charge = charge(r, account)?;
            when(
                !is_set(charge, "source_transfer") && !is_set(charge, "transfer"),
                || !is_set(r, "source_transfer_reversal") && !is_set(r, "transfer_reversal"),
            )
        },
    ),
];
