//! Invariants of invoices.

use serde_json::Value;

use super::{is_not_older, is_usable};
use crate::account::{Account, int, is_set, rows, sum, text};
use crate::table::{Invariant, rule, when};

fn status(invoice: &Value) -> &str {
    text(invoice, "status")
}

fn lines<'a>(invoice: &Value, account: &'a Account) -> Vec<&'a Value> {
    account.pointing("line_item", "/invoice", &invoice["id"])
}

fn payments<'a>(invoice: &Value, account: &'a Account) -> Vec<&'a Value> {
    account.pointing("invoice_payment", "/invoice", &invoice["id"])
}

fn subscription(invoice: &Value) -> &Value {
    &invoice["parent"]["subscription_details"]["subscription"]
}

/// The taxes that come on top of the prices.
fn exclusive(taxes: &[Value]) -> i64 {
    let added = taxes
        .iter()
        .filter(|tax| tax["tax_behavior"] != "inclusive");
    sum(added, "amount")
}

fn credit_notes(invoice: &Value, account: &Account, member: &str) -> i64 {
    let notes = account.pointing("credit_note", "/invoice", &invoice["id"]);
    let issued = notes.into_iter().filter(|note| note["status"] != "void");
    sum(issued, member)
}

pub(crate) const RULES: &[Invariant] = &[
    rule(
        "invoice",
        "subtotal is the sum of its lines",
        |i, account| Some(int(i, "subtotal") == sum(lines(i, account), "amount")),
    ),
    rule(
        "invoice",
        "total is subtotal + taxes − discounts",
        |i, _| {
            let taxes = exclusive(rows(i, "total_taxes"));
            let discounts = sum(rows(i, "total_discount_amounts"), "amount");
            let expected = int(i, "subtotal") - discounts + taxes + int(i, "amount_shipping");
            Some(int(i, "total") == expected)
        },
    ),
    rule(
        "invoice",
        "total_excluding_tax is total − total_taxes",
        |i, _| {
            when(is_set(i, "total_excluding_tax"), || {
                let taxes = sum(rows(i, "total_taxes"), "amount");
                int(i, "total_excluding_tax") == int(i, "total") - taxes
            })
        },
    ),
    rule(
        "invoice",
        "amount_due − amount_paid is amount_remaining",
        |i, _| {
            let remaining = int(i, "amount_due") - int(i, "amount_paid");
            Some(int(i, "amount_remaining") == remaining)
        },
    ),
    rule(
        "invoice",
        "amount_due is total + starting_balance − pre_payment_credit_notes_amount",
        |i, _| {
            let due = int(i, "total") + int(i, "starting_balance");
            let due = due.max(0) - int(i, "pre_payment_credit_notes_amount");
            Some(int(i, "amount_due") == due)
        },
    ),
    rule(
        "invoice",
        "amount_paid is what its invoice_payments have paid",
        |i, account| {
            let paid = payments(i, account);
            let paid = paid
                .into_iter()
                .filter(|payment| payment["status"] == "paid");
            let off_stripe = int(i, "amount_paid_off_stripe");
            Some(int(i, "amount_paid") - off_stripe == sum(paid, "amount_paid"))
        },
    ),
    rule("invoice", "amount_paid is amount_due when paid", |i, _| {
        when(status(i) == "paid", || {
            i["amount_paid"] == i["amount_due"] && int(i, "amount_remaining") == 0
        })
    }),
    rule(
        "invoice",
        "amount_remaining is above 0 when open",
        |i, _| when(status(i) == "open", || int(i, "amount_remaining") > 0),
    ),
    rule("invoice", "amount_paid is 0 when draft or void", |i, _| {
        when(["draft", "void"].contains(&status(i)), || {
            int(i, "amount_paid") == 0
        })
    }),
    rule("invoice", "amount_overpaid is 0 unless paid", |i, _| {
        when(status(i) != "paid", || int(i, "amount_overpaid") == 0)
    }),
    rule(
        "invoice",
        "status_transitions.paid_at if and only if paid",
        |i, _| {
            let times = &i["status_transitions"];
            Some(is_set(times, "paid_at") == (status(i) == "paid"))
        },
    ),
    rule(
        "invoice",
        "status_transitions.voided_at if and only if void",
        |i, _| {
            let times = &i["status_transitions"];
            Some(is_set(times, "voided_at") == (status(i) == "void"))
        },
    ),
    rule(
        "invoice",
        "status_transitions.finalized_at if and only if finalized",
        |i, _| {
            let times = &i["status_transitions"];
            Some(is_set(times, "finalized_at") == (status(i) != "draft"))
        },
    ),
    rule(
        "invoice",
        "status_transitions.marked_uncollectible_at fits status",
        |i, _| {
            let marked = is_set(&i["status_transitions"], "marked_uncollectible_at");
            match status(i) {
                "draft" | "open" => Some(!marked),
                "uncollectible" => Some(marked),
                _ => None,
            }
        },
    ),
    rule(
        "invoice",
        "status_transitions are after created and in order",
        |i, account| {
            let times = &i["status_transitions"];
            let finalized = times["finalized_at"].as_i64()?;
            let later = ["paid_at", "voided_at", "marked_uncollectible_at"]
                .into_iter()
                .filter_map(|name| times[name].as_i64())
                .all(|time| (finalized..=account.now).contains(&time));
            Some(later && finalized >= int(i, "created"))
        },
    ),
    rule("invoice", "number if and only if finalized", |i, _| {
        Some(is_set(i, "number") == (status(i) != "draft"))
    }),
    rule("invoice", "number is no other invoice's", |i, account| {
        when(is_set(i, "number"), || {
            account.pointing("invoice", "/number", &i["number"]).len() == 1
        })
    }),
    rule("invoice", "effective_at is there when finalized", |i, _| {
        when(status(i) != "draft", || is_set(i, "effective_at"))
    }),
    rule(
        "invoice",
        "ending_balance if and only if finalized",
        |i, _| Some(is_set(i, "ending_balance") == (status(i) != "draft")),
    ),
    rule(
        "invoice",
        "hosted_invoice_url and invoice_pdf only when finalized",
        |i, _| {
            when(status(i) == "draft", || {
                !is_set(i, "hosted_invoice_url") && !is_set(i, "invoice_pdf")
            })
        },
    ),
    rule(
        "invoice",
        "hosted_invoice_url is there when open",
        |i, _| when(status(i) == "open", || is_set(i, "hosted_invoice_url")),
    ),
    rule(
        "invoice",
        "automatically_finalizes_at only when draft",
        |i, _| {
            when(status(i) != "draft", || {
                !is_set(i, "automatically_finalizes_at")
            })
        },
    ),
    rule(
        "invoice",
        "last_finalization_error is null when finalized",
        |i, _| {
            when(status(i) != "draft", || {
                !is_set(i, "last_finalization_error")
            })
        },
    ),
    rule(
        "invoice",
        "auto_advance is not true when paid or void",
        |i, _| {
            when(["paid", "void"].contains(&status(i)), || {
                i["auto_advance"] != true
            })
        },
    ),
    rule(
        "invoice",
        "due_date only with collection_method send_invoice",
        |i, _| {
            when(i["collection_method"] == "charge_automatically", || {
                !is_set(i, "due_date")
            })
        },
    ),
    rule(
        "invoice",
        "due_date is there when open with collection_method send_invoice",
        |i, _| {
            when(
                i["collection_method"] == "send_invoice" && status(i) == "open",
                || int(i, "due_date") >= int(i, "created"),
            )
        },
    ),
    rule(
        "invoice",
        "next_payment_attempt only when open or draft and charged automatically",
        |i, _| {
            let closed = !["open", "draft"].contains(&status(i));
            when(closed || i["collection_method"] == "send_invoice", || {
                !is_set(i, "next_payment_attempt")
            })
        },
    ),
    rule(
        "invoice",
        "attempted when attempt_count is above 0",
        |i, _| when(int(i, "attempt_count") > 0, || i["attempted"] == true),
    ),
    rule("invoice", "attempt_count is 0 when draft", |i, _| {
        when(status(i) == "draft", || int(i, "attempt_count") == 0)
    }),
    rule("invoice", "receipt_number only when paid", |i, _| {
        when(int(i, "amount_paid") == 0, || !is_set(i, "receipt_number"))
    }),
    rule(
        "invoice",
        "period_end is not before period_start",
        |i, _| Some(int(i, "period_end") >= int(i, "period_start")),
    ),
    rule("invoice", "customer is there", |i, account| {
        let customer = &i["customer"];
        Some(account.get_a("customer", customer).is_some() || account.is_gone(customer))
    }),
    rule(
        "invoice",
        "created is not before its customer's",
        |i, account| is_not_older(account, i, "customer"),
    ),
    rule(
        "invoice",
        "customer_email is its customer's when draft",
        |i, account| {
            let customer = account.get_a("customer", &i["customer"])?;
            when(status(i) == "draft", || {
                i["customer_email"] == customer["email"]
            })
        },
    ),
    rule(
        "invoice",
        "customer and currency are its subscription's",
        |i, account| {
            let subscription = account.get_a("subscription", subscription(i))?;
            let same = |member: &str| i[member] == subscription[member];
            Some(same("customer") && same("currency"))
        },
    ),
    rule(
        "invoice",
        "created is not before its subscription's",
        |i, account| {
            let subscription = account.get_a("subscription", subscription(i))?;
            Some(int(i, "created") >= int(subscription, "created"))
        },
    ),
    rule(
        "invoice",
        "billing_reason names a subscription if and only if parent does",
        |i, _| {
            let by_reason = text(i, "billing_reason").starts_with("subscription");
            when(is_set(i, "billing_reason"), || {
                by_reason != subscription(i).is_null()
            })
        },
    ),
    rule("invoice", "parent.type names the member", |i, _| {
        when(is_set(i, "parent"), || {
            super::names_its_member(&i["parent"], &[])
        })
    }),
    rule(
        "invoice",
        "default_payment_method is of its customer",
        |i, account| {
            when(is_set(i, "default_payment_method"), || {
                is_usable(account, &i["default_payment_method"], &i["customer"])
            })
        },
    ),
    rule(
        "invoice",
        "total_discount_amounts are those of its lines",
        |i, account| {
            let lines = lines(i, account);
            when(!lines.is_empty(), || {
                let of_lines: i64 = lines
                    .iter()
                    .map(|line| sum(rows(line, "discount_amounts"), "amount"))
                    .sum();
                sum(rows(i, "total_discount_amounts"), "amount") == of_lines
            })
        },
    ),
    rule(
        "invoice",
        "total_taxes are those of its lines",
        |i, account| {
            let lines = lines(i, account);
            when(!lines.is_empty() && int(i, "amount_shipping") == 0, || {
                let of_lines: i64 = lines
                    .iter()
                    .map(|line| sum(rows(line, "taxes"), "amount"))
                    .sum();
                sum(rows(i, "total_taxes"), "amount") == of_lines
            })
        },
    ),
    rule(
        "invoice",
        "pre_payment_credit_notes_amount is that of its credit notes",
        |i, account| {
            let notes = credit_notes(i, account, "pre_payment_amount");
            Some(int(i, "pre_payment_credit_notes_amount") == notes)
        },
    ),
    rule(
        "invoice",
        "post_payment_credit_notes_amount is that of its credit notes",
        |i, account| {
            let notes = credit_notes(i, account, "post_payment_amount");
            Some(int(i, "post_payment_credit_notes_amount") == notes)
        },
    ),
    rule(
        "invoice",
        "account_name and account_country are the account's",
        |i, account| {
            let first = account.all("invoice").first()?;
            Some(
                i["account_name"] == first["account_name"]
                    && i["account_country"] == first["account_country"],
            )
        },
    ),
    rule(
        "invoice",
        "lines show the first of its line items",
        |i, account| {
            let all = lines(i, account);
            let shown = rows(&i["lines"], "data");
            let stored = shown.iter().all(|line| all.contains(&line));
            let more = i["lines"]["has_more"] == (all.len() > shown.len());
            Some(stored && more && shown.len() == all.len().min(10))
        },
    ),
    rule("invoice", "it has lines unless draft", |i, account| {
        when(status(i) != "draft", || !lines(i, account).is_empty())
    }),
];
