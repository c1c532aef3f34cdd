//! Invariants of what belongs to an invoice: line items, payments, pending items.

use serde_json::Value;

use super::names_its_member;
use crate::account::{Account, among, int, is_set, rows, sum, text};
use crate::table::{Invariant, rule, when};

fn invoice<'a>(part: &Value, account: &'a Account) -> Option<&'a Value> {
    account.get_a("invoice", &part["invoice"])
}

fn price<'a>(line: &Value, account: &'a Account) -> Option<&'a Value> {
    account.get_a("price", &line["pricing"]["price_details"]["price"])
}

fn intent<'a>(payment: &Value, account: &'a Account) -> Option<&'a Value> {
    account.get_a("payment_intent", &payment["payment"]["payment_intent"])
}

pub(crate) const RULES: &[Invariant] = &[
    rule("line_item", "invoice is there", |l, account| {
        when(is_set(l, "invoice"), || invoice(l, account).is_some())
    }),
    rule(
        "line_item",
        "currency and livemode are its invoice's",
        |l, account| {
            let invoice = invoice(l, account)?;
            Some(l["currency"] == invoice["currency"] && l["livemode"] == invoice["livemode"])
        },
    ),
    rule("line_item", "subtotal is amount", |l, _| {
        Some(l["subtotal"] == l["amount"])
    }),
    rule(
        "line_item",
        "period.start is not after period.end",
        |l, _| Some(int(&l["period"], "start") <= int(&l["period"], "end")),
    ),
    rule(
        "line_item",
        "discount_amounts are at most amount",
        |l, _| {
            let discounts = rows(l, "discount_amounts");
            when(!discounts.is_empty(), || {
                sum(discounts, "amount") <= int(l, "amount").max(0)
            })
        },
    ),
    rule(
        "line_item",
        "discount_amounts only if discountable",
        |l, _| {
            when(l["discountable"] == false, || {
                sum(rows(l, "discount_amounts"), "amount") == 0
            })
        },
    ),
    rule("line_item", "parent.type names the member", |l, _| {
        when(is_set(l, "parent"), || names_its_member(&l["parent"], &[]))
    }),
    rule(
        "line_item",
        "subscription is its invoice's",
        |l, account| {
            let invoice = invoice(l, account)?;
            when(is_set(l, "subscription"), || {
                l["subscription"] == invoice["parent"]["subscription_details"]["subscription"]
            })
        },
    ),
    rule(
        "line_item",
        "parent.subscription_item_details are of its subscription",
        |l, account| {
            let details = &l["parent"]["subscription_item_details"];
            let item = account.get_a("subscription_item", &details["subscription_item"])?;
            Some(
                item["subscription"] == l["subscription"]
                    && details["subscription"] == l["subscription"],
            )
        },
    ),
    rule(
        "line_item",
        "parent.invoice_item_details are of its invoice",
        |l, account| {
            let details = &l["parent"]["invoice_item_details"];
            when(is_set(details, "invoice_item"), || {
                let item = account.get_a("invoiceitem", &details["invoice_item"]);
                item.is_some_and(|item| {
                    item["invoice"] == l["invoice"] && item["amount"] == l["amount"]
                }) || account.is_gone(&details["invoice_item"])
            })
        },
    ),
    rule(
        "line_item",
        "pricing has its price's product",
        |l, account| {
            let price = price(l, account)?;
            Some(l["pricing"]["price_details"]["product"] == price["product"])
        },
    ),
    rule(
        "line_item",
        "pricing.unit_amount_decimal × quantity is amount",
        |l, account| {
            let price = price(l, account)?;
            let unit = text(&l["pricing"], "unit_amount_decimal")
                .parse::<f64>()
                .ok()?;
            let quantity = l["quantity"].as_f64()?;
            let details = ["subscription_item_details", "invoice_item_details"];
            let prorated = details
                .iter()
                .any(|name| l["parent"][name]["proration"] == true);
            let plain =
                price["billing_scheme"] == "per_unit" && !is_set(price, "transform_quantity");
            when(plain && !prorated, || {
                (unit * quantity - l["amount"].as_f64().unwrap_or_default()).abs() <= 0.5
            })
        },
    ),
    rule("line_item", "its price has its currency", |l, account| {
        Some(price(l, account)?["currency"] == l["currency"])
    }),
    rule("invoice_payment", "invoice is there", |p, account| {
        Some(invoice(p, account).is_some() || account.is_gone(&p["invoice"]))
    }),
    rule(
        "invoice_payment",
        "currency is its invoice's",
        |p, account| Some(p["currency"] == invoice(p, account)?["currency"]),
    ),
    rule(
        "invoice_payment",
        "created is not before its invoice's",
        |p, account| super::is_not_older(account, p, "invoice"),
    ),
    rule("invoice_payment", "status is a word of Stripe's", |p, _| {
        Some(among(p, "status", &["canceled", "open", "paid"]))
    }),
    rule(
        "invoice_payment",
        "status_transitions fit status",
        |p, _| {
            let times = &p["status_transitions"];
            Some(
                is_set(times, "paid_at") == (p["status"] == "paid")
                    && is_set(times, "canceled_at") == (p["status"] == "canceled"),
            )
        },
    ),
    rule(
        "invoice_payment",
        "amount_paid if and only if paid",
        |p, _| Some(is_set(p, "amount_paid") == (p["status"] == "paid")),
    ),
    rule(
        "invoice_payment",
        "payment.type names the member",
        |p, _| {
            let payment = &p["payment"];
            Some(is_set(payment, text(payment, "type")))
        },
    ),
    rule(
        "invoice_payment",
        "payment_intent has succeeded if and only if paid",
        |p, account| {
            let intent = intent(p, account)?;
            Some((intent["status"] == "succeeded") == (p["status"] == "paid"))
        },
    ),
    rule(
        "invoice_payment",
        "amount_paid is its payment_intent's",
        |p, account| {
            let intent = intent(p, account)?;
            when(p["status"] == "paid", || {
                p["amount_paid"] == intent["amount_received"]
            })
        },
    ),
    rule(
        "invoice_payment",
        "amount_requested is its payment_intent's amount",
        |p, account| Some(p["amount_requested"] == intent(p, account)?["amount"]),
    ),
    rule(
        "invoice_payment",
        "is_default is that of one payment of its invoice",
        |p, account| {
            let all = account.pointing("invoice_payment", "/invoice", &p["invoice"]);
            when(p["is_default"] == true, || {
                all.iter()
                    .filter(|other| other["is_default"] == true)
                    .count()
                    == 1
            })
        },
    ),
    rule(
        "invoice_payment",
        "it is of a finalized invoice",
        |p, account| Some(invoice(p, account)?["status"] != "draft"),
    ),
    rule(
        "invoiceitem",
        "currency and customer are its invoice's",
        |i, account| {
            let invoice = invoice(i, account)?;
            Some(i["currency"] == invoice["currency"] && i["customer"] == invoice["customer"])
        },
    ),
    rule("invoiceitem", "customer is there", |i, account| {
        let customer = &i["customer"];
        Some(account.get_a("customer", customer).is_some() || account.is_gone(customer))
    }),
    rule(
        "invoiceitem",
        "period.start is not after period.end",
        |i, _| Some(int(&i["period"], "start") <= int(&i["period"], "end")),
    ),
];
