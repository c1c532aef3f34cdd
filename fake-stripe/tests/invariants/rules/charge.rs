//! Invariants of charges.

use serde_json::Value;

use super::{
    CARD_BRANDS, FUNDINGS, are_checks, is_booked, is_card, is_not_older, is_usable,
    names_its_member,
};
use crate::account::{Account, among, int, is_set, sum, text};
use crate::table::{Invariant, rule, when};

const OUTCOMES: [&str; 5] = [
    "authorized",
    "blocked",
    "invalid",
    "issuer_declined",
    "manual_review",
];
const NETWORK_STATUSES: [&str; 4] = [
    "approved_by_network",
    "declined_by_network",
    "not_sent_to_network",
    "reversed_after_approval",
];
const RISK_LEVELS: [&str; 5] = ["elevated", "highest", "normal", "not_assessed", "unknown"];

fn succeeded(charge: &Value) -> bool {
    charge["status"] == "succeeded"
}

fn failed(charge: &Value) -> bool {
    charge["status"] == "failed"
}

/// An authorization that was released: Stripe counts what was never captured as refunded.
fn is_released(charge: &Value, account: &Account) -> bool {
    let intent = account.get_a("payment_intent", &charge["payment_intent"]);
    charge["captured"] == false && intent.is_some_and(|intent| intent["status"] == "canceled")
}

fn card(charge: &Value) -> Option<&Value> {
    let details = &charge["payment_method_details"];
    (details["type"] == "card").then(|| &details["card"])
}

/// The refunds that took or will take money from a charge.
fn refunded(charge: &Value, account: &Account) -> i64 {
    let refunds = account.pointing("refund", "/charge", &charge["id"]);
    let counted = refunds.into_iter().filter(|refund| {
        among(
            refund,
            "status",
            &["succeeded", "pending", "requires_action"],
        )
    });
    sum(counted, "amount")
}

pub(crate) const RULES: &[Invariant] = &[
    rule("charge", "amount is above 0", |c, _| {
        Some(int(c, "amount") > 0)
    }),
    rule("charge", "amount_captured is at most amount", |c, _| {
        Some((0..=int(c, "amount")).contains(&int(c, "amount_captured")))
    }),
    rule(
        "charge",
        "amount_refunded is at most amount_captured",
        |c, account| {
            when(!is_released(c, account), || {
                (0..=int(c, "amount_captured")).contains(&int(c, "amount_refunded"))
            })
        },
    ),
    rule("charge", "refunded is amount_refunded == amount", |c, _| {
        Some(c["refunded"] == (int(c, "amount_refunded") == int(c, "amount")))
    }),
    rule(
        "charge",
        "amount_refunded is the sum of its refunds",
        |c, account| {
            when(!is_released(c, account), || {
                int(c, "amount_refunded") == refunded(c, account)
            })
        },
    ),
    rule("charge", "amount_captured is 0 unless captured", |c, _| {
        when(c["captured"] == false, || int(c, "amount_captured") == 0)
    }),
    rule(
        "charge",
        "amount_captured is above 0 when captured and succeeded",
        |c, _| {
            when(c["captured"] == true && succeeded(c), || {
                int(c, "amount_captured") > 0
            })
        },
    ),
    rule("charge", "amount_captured is 0 when failed", |c, _| {
        when(failed(c), || int(c, "amount_captured") == 0)
    }),
    rule(
        "charge",
        "paid when succeeded, not paid when failed",
        |c, _| when(succeeded(c) || failed(c), || c["paid"] == succeeded(c)),
    ),
    rule(
        "charge",
        "failure_code and failure_message only when failed",
        |c, _| {
            when(!failed(c), || {
                !is_set(c, "failure_code") && !is_set(c, "failure_message")
            })
        },
    ),
    rule(
        "charge",
        "failure_code and failure_message when failed",
        |c, _| {
            when(failed(c), || {
                is_set(c, "failure_code") && is_set(c, "failure_message")
            })
        },
    ),
    rule(
        "charge",
        "failure_balance_transaction only when failed",
        |c, _| when(!failed(c), || !is_set(c, "failure_balance_transaction")),
    ),
    rule("charge", "outcome.type is a word of Stripe's", |c, _| {
        when(is_set(c, "outcome"), || {
            among(&c["outcome"], "type", &OUTCOMES)
        })
    }),
    rule("charge", "outcome fits status", |c, _| {
        when(is_set(c, "outcome") && (succeeded(c) || failed(c)), || {
            among(&c["outcome"], "type", &["authorized", "manual_review"]) == succeeded(c)
        })
    }),
    rule(
        "charge",
        "outcome.network_status is a word of Stripe's and fits status",
        |c, _| {
            when(is_set(&c["outcome"], "network_status"), || {
                among(&c["outcome"], "network_status", &NETWORK_STATUSES)
                    && (!succeeded(c) || c["outcome"]["network_status"] == "approved_by_network")
            })
        },
    ),
    rule(
        "charge",
        "outcome.risk_level is a word of Stripe's",
        |c, _| {
            when(is_set(&c["outcome"], "risk_level"), || {
                among(&c["outcome"], "risk_level", &RISK_LEVELS)
            })
        },
    ),
    rule("charge", "outcome.risk_score is 0 to 100", |c, _| {
        when(is_set(&c["outcome"], "risk_score"), || {
            (0..=100).contains(&int(&c["outcome"], "risk_score"))
        })
    }),
    rule(
        "charge",
        "payment_method_details.type names the member",
        |c, _| {
            when(is_set(c, "payment_method_details"), || {
                names_its_member(&c["payment_method_details"], &[])
            })
        },
    ),
    rule("charge", "payment_method_details.card is a card", |c, _| {
        card(c).map(is_card)
    }),
    rule(
        "charge",
        "payment_method_details.card.network is a word of Stripe's",
        |c, _| {
            card(c).filter(|card| is_set(card, "network")).map(|card| {
                among(card, "network", &CARD_BRANDS) && among(card, "funding", &FUNDINGS)
            })
        },
    ),
    rule(
        "charge",
        "payment_method_details.card.checks have words of Stripe's",
        |c, _| {
            card(c)
                .filter(|card| is_set(card, "checks"))
                .map(|card| are_checks(&card["checks"]))
        },
    ),
    rule("charge", "payment_method is an id", |c, _| {
        when(is_set(c, "payment_method"), || {
            let id = text(c, "payment_method");
            ["pm_", "card_", "src_", "ba_"]
                .iter()
                .any(|prefix| id.starts_with(prefix))
        })
    }),
    rule(
        "charge",
        "payment_method_details.type is its payment_method's",
        |c, account| {
            let method = account.get_a("payment_method", &c["payment_method"])?;
            Some(c["payment_method_details"]["type"] == method["type"])
        },
    ),
    rule(
        "charge",
        "payment_method_details.card is its payment_method's",
        |c, account| {
            let method = account.get_a("payment_method", &c["payment_method"])?;
            let card = card(c)?;
            let same = |member: &str| card[member] == method["card"][member];
            Some(
                ["brand", "last4", "exp_month", "exp_year", "funding"]
                    .into_iter()
                    .all(same),
            )
        },
    ),
    rule(
        "charge",
        "payment_method is of its customer",
        |c, account| {
            when(is_set(c, "payment_method"), || {
                is_usable(account, &c["payment_method"], &c["customer"])
            })
        },
    ),
    rule(
        "charge",
        "balance_transaction is there when captured and succeeded",
        |c, _| {
            when(succeeded(c) && c["captured"] == true, || {
                is_set(c, "balance_transaction")
            })
        },
    ),
    rule(
        "charge",
        "balance_transaction is null when failed or not captured",
        |c, _| {
            when(failed(c) || succeeded(c) && c["captured"] == false, || {
                !is_set(c, "balance_transaction")
            })
        },
    ),
    rule(
        "charge",
        "balance_transaction is of this charge and amount_captured",
        |c, account| is_booked(account, c, "balance_transaction", int(c, "amount_captured")),
    ),
    rule(
        "charge",
        "customer, currency and livemode are its payment_intent's",
        |c, account| {
            let intent = account.get_a("payment_intent", &c["payment_intent"])?;
            Some(
                ["customer", "currency", "livemode"]
                    .into_iter()
                    .all(|member| c[member] == intent[member]),
            )
        },
    ),
    rule(
        "charge",
        "amount is its payment_intent's when it is the latest",
        |c, account| {
            let intent = account.get_a("payment_intent", &c["payment_intent"])?;
            when(intent["latest_charge"] == c["id"], || {
                c["amount"] == intent["amount"]
            })
        },
    ),
    rule(
        "charge",
        "payment_intent has succeeded when captured and succeeded",
        |c, account| {
            let intent = account.get_a("payment_intent", &c["payment_intent"])?;
            when(succeeded(c) && c["captured"] == true, || {
                intent["status"] == "succeeded" && intent["latest_charge"] == c["id"]
            })
        },
    ),
    rule(
        "charge",
        "disputed if and only if a dispute names it",
        |c, account| {
            let disputes = account.pointing("dispute", "/charge", &c["id"]);
            Some(c["disputed"] == !disputes.is_empty())
        },
    ),
    rule(
        "charge",
        "created is not before its customer's",
        |c, account| is_not_older(account, c, "customer"),
    ),
    rule(
        "charge",
        "created is not before its payment_intent's",
        |c, account| is_not_older(account, c, "payment_intent"),
    ),
    rule(
        "charge",
        "application_fee points back and has application_fee_amount",
        |c, account| {
            let fee = account.get_a("application_fee", &c["application_fee"])?;
            Some(
                (fee["charge"] == c["id"] || fee["originating_transaction"] == c["id"])
                    && fee["amount"] == c["application_fee_amount"],
            )
        },
    ),
    rule(
        "charge",
        "application_fee_amount is at most amount",
        |c, _| {
            when(is_set(c, "application_fee_amount"), || {
                (0..=int(c, "amount")).contains(&int(c, "application_fee_amount"))
            })
        },
    ),
    rule("charge", "transfer only with transfer_data", |c, _| {
        when(!is_set(c, "transfer_data"), || !is_set(c, "transfer"))
    }),
    rule("charge", "receipt_url is null when failed", |c, _| {
        when(failed(c), || !is_set(c, "receipt_url"))
    }),
    rule("charge", "fraud_details have words of Stripe's", |c, _| {
        when(
            c["fraud_details"]
                .as_object()
                .is_some_and(|map| !map.is_empty()),
            || {
                let details = &c["fraud_details"];
                (!is_set(details, "user_report")
                    || among(details, "user_report", &["fraudulent", "safe"]))
                    && (!is_set(details, "stripe_report")
                        || details["stripe_report"] == "fraudulent")
            },
        )
    }),
    rule(
        "charge",
        "statement_descriptor has at most 22 characters",
        |c, _| {
            when(is_set(c, "statement_descriptor"), || {
                text(c, "statement_descriptor").chars().count() <= 22
            })
        },
    ),
];
