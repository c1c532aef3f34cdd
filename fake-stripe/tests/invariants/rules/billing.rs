//! Invariants of billing: who is billed in which currency, by which numbers, and when.

use serde_json::Value;

use crate::account::{Account, among, int, is_set, text};
use crate::table::{Invariant, rule, when};

fn invoices<'a>(customer: &Value, account: &'a Account) -> Vec<&'a Value> {
    account.pointing("invoice", "/customer", &customer["id"])
}

fn subscription_invoices<'a>(subscription: &Value, account: &'a Account) -> Vec<&'a Value> {
    let path = "/parent/subscription_details/subscription";
    account.pointing("invoice", path, &subscription["id"])
}

/// The sequence in an invoice's number, of its customer's numbers.
fn sequence(invoice: &Value, customer: &Value) -> Option<i64> {
    let tail = text(invoice, "number").strip_prefix(text(customer, "invoice_prefix"))?;
    let digits = tail.strip_prefix('-')?;
    (digits.len() >= 4).then(|| digits.parse().ok())?
}

fn finalized_at(invoice: &Value) -> i64 {
    int(&invoice["status_transitions"], "finalized_at")
}

fn customer<'a>(of: &Value, account: &'a Account) -> Option<&'a Value> {
    account.get_a("customer", &of["customer"])
}

/// What the payment of an invoice is described as.
fn description(invoice: &Value) -> &'static str {
    match text(invoice, "billing_reason") {
        "subscription_create" => "Subscription creation",
        reason if reason.starts_with("subscription") => "Subscription update",
        _ => "Payment for Invoice",
    }
}

pub(crate) const RULES: &[Invariant] = &[
    rule("customer", "invoice_prefix has eight characters", |c, _| {
        Some(text(c, "invoice_prefix").len() == 8)
    }),
    rule(
        "customer",
        "next_invoice_sequence is one more than its finalized invoices",
        |c, account| {
            let invoices = invoices(c, account);
            let numbered = invoices.iter().filter(|i| is_set(i, "number")).count();
            Some(int(c, "next_invoice_sequence") == i64::try_from(numbered).ok()? + 1)
        },
    ),
    rule(
        "customer",
        "its invoices are numbered as they were finalized",
        |c, account| {
            let mut invoices = invoices(c, account);
            invoices.retain(|invoice| is_set(invoice, "number"));
            invoices.sort_by_key(|invoice| sequence(invoice, c));
            let sorted = invoices.is_sorted_by_key(|invoice| finalized_at(invoice));
            when(invoices.len() > 1, || sorted)
        },
    ),
    rule(
        "customer",
        "currency is that of its invoices",
        |c, account| {
            let invoices = invoices(c, account);
            when(!invoices.is_empty(), || {
                let mut invoices = invoices.iter();
                invoices.all(|invoice| invoice["currency"] == c["currency"])
            })
        },
    ),
    rule(
        "customer",
        "currency is that of its subscriptions",
        |c, account| {
            let subscriptions = account.pointing("subscription", "/customer", &c["id"]);
            when(!subscriptions.is_empty(), || {
                let mut subscriptions = subscriptions.iter();
                subscriptions.all(|subscription| subscription["currency"] == c["currency"])
            })
        },
    ),
    rule(
        "customer",
        "address, currency and phone are there, if only as null",
        |c, _| {
            let members = ["address", "currency", "phone", "metadata"];
            Some(members.iter().all(|member| c.get(member).is_some()))
        },
    ),
    rule(
        "customer",
        "address.city lies in address.country",
        |c, _| {
            let country = match text(&c["address"], "city") {
                "San Francisco" | "Austin" | "New York" => "US",
                "Berlin" => "DE",
                "London" => "GB",
                "Paris" => "FR",
                "Dublin" => "IE",
                "Tokyo" => "JP",
                _ => return None,
            };
            Some(c["address"]["country"] == country)
        },
    ),
    rule(
        "invoice",
        "number is its customer's invoice_prefix and a sequence",
        |i, account| {
            let customer = customer(i, account)?;
            when(is_set(i, "number"), || sequence(i, customer).is_some())
        },
    ),
    rule(
        "invoice",
        "period_start is before period_end when a renewal",
        |i, _| {
            when(i["billing_reason"] == "subscription_cycle", || {
                int(i, "period_start") < int(i, "period_end")
                    && int(i, "period_end") <= int(i, "created")
            })
        },
    ),
    rule(
        "invoice",
        "it is finalized at once when subscription_create is charged",
        |i, account| {
            let is_first = i["billing_reason"] == "subscription_create"
                && i["collection_method"] == "charge_automatically"
                && i["status"] != "draft"
                && finalized_at(i) <= account.began;
            when(is_first, || finalized_at(i) == int(i, "created"))
        },
    ),
    rule(
        "invoice",
        "auto_advance is false when draft for long",
        |i, account| {
            let is_old = int(i, "created") + 86_400 < account.now;
            when(i["status"] == "draft" && is_old, || {
                i["auto_advance"] == false
            })
        },
    ),
    rule(
        "invoice_payment",
        "its payment_intent comes when its invoice is finalized",
        |p, account| {
            let invoice = account.get_a("invoice", &p["invoice"])?;
            let intent = account.get_a("payment_intent", &p["payment"]["payment_intent"])?;
            Some(int(intent, "created") >= finalized_at(invoice))
        },
    ),
    rule(
        "invoice_payment",
        "its payment_intent says what for",
        |p, account| {
            let invoice = account.get_a("invoice", &p["invoice"])?;
            let intent = account.get_a("payment_intent", &p["payment"]["payment_intent"])?;
            let charge = account.get(&intent["latest_charge"]);
            let wanted = description(invoice);
            let is_same = charge.is_none_or(|charge| charge["description"] == wanted);
            Some(intent["description"] == wanted && is_same)
        },
    ),
    rule("line_item", "description is there", |l, _| {
        Some(!text(l, "description").is_empty())
    }),
    rule(
        "line_item",
        "price is not younger than its invoice",
        |l, account| {
            let price = account.get_a("price", &l["pricing"]["price_details"]["price"])?;
            let invoice = account.get_a("invoice", &l["invoice"])?;
            Some(int(price, "created") <= int(invoice, "created"))
        },
    ),
    rule("price", "tax_behavior is a word", |p, _| {
        Some(is_set(p, "tax_behavior"))
    }),
    rule(
        "subscription",
        "its first invoice is of its creation",
        |s, account| {
            let invoices = subscription_invoices(s, account);
            let first = invoices.iter().min_by_key(|i| int(i, "created"))?;
            Some(first["billing_reason"] == "subscription_create")
        },
    ),
    rule(
        "subscription",
        "its renewals are of different periods",
        |s, account| {
            let invoices = subscription_invoices(s, account);
            let mut starts: Vec<i64> = invoices
                .iter()
                .filter(|i| i["billing_reason"] == "subscription_cycle")
                .map(|i| int(i, "period_start"))
                .collect();
            starts.sort_unstable();
            let all = starts.len();
            starts.dedup();
            when(all > 1, || all == starts.len())
        },
    ),
    rule(
        "subscription",
        "its customer is delinquent when past_due or unpaid",
        |s, account| {
            let customer = customer(s, account)?;
            when(among(s, "status", &["past_due", "unpaid"]), || {
                customer["delinquent"] == true
            })
        },
    ),
    rule(
        "subscription",
        "its trial is over when paused",
        |s, account| {
            when(
                s["status"] == "paused" && int(s, "created") <= account.began,
                || is_set(s, "trial_end") && int(s, "trial_end") <= account.now,
            )
        },
    ),
    rule(
        "subscription_item",
        "price is not younger than it is",
        |i, _| Some(int(&i["price"], "created") <= int(i, "created")),
    ),
];
