//! Invariants of what hardly any other object depends on: taxes, files, clocks, treasuries, people.

use serde_json::Value;

use crate::account::{Account, among, int, is_set, text};
use crate::table::{Invariant, rule, when};

/// Whether the requirements of an account or a person are there.
fn has_requirements(of: &Value, _: &Account) -> Option<bool> {
    Some(of["requirements"].is_object())
}

pub(crate) const RULES: &[Invariant] = &[
    rule("tax_rate", "display_name is one of taxes", |r, _| {
        Some(among(r, "display_name", &["VAT", "Sales tax", "GST"]))
    }),
    rule("tax_rate", "percentage is effective_percentage", |r, _| {
        Some(r["percentage"] == r["effective_percentage"])
    }),
    rule("tax_id", "value is one of its type and country", |t, _| {
        let country = text(t, "country");
        let value = text(t, "value");
        match text(t, "type") {
            "eu_vat" | "gb_vat" => Some(value.starts_with(country)),
            "us_ein" => Some(country == "US" && value.contains('-')),
            _ => None,
        }
    }),
    rule("bank_account", "currency is its country's", |b, _| {
        let currency = match text(b, "country") {
            "US" => "usd",
            "DE" => "eur",
            "GB" => "gbp",
            "JP" => "jpy",
            _ => return None,
        };
        Some(b["currency"] == currency)
    }),
    rule(
        "test_helpers.test_clock",
        "deletes_after is a month after created",
        |c, _| Some(int(c, "deletes_after") - int(c, "created") == 30 * 86_400),
    ),
    rule(
        "file",
        "it has a url, a type, a filename and bytes",
        |f, _| {
            let members = ["url", "type", "filename"];
            Some(members.iter().all(|member| is_set(f, member)) && int(f, "size") > 1_000)
        },
    ),
    rule(
        "issuing.card",
        "cancellation_reason if and only if canceled",
        |c, _| Some(is_set(c, "cancellation_reason") == (c["status"] == "canceled")),
    ),
    rule("source", "client_secret is a source's", |s, _| {
        Some(text(s, "client_secret").starts_with("src_client_secret_"))
    }),
    rule(
        "treasury.transaction",
        "balance_impact adds up to amount",
        |t, _| {
            let impact = &t["balance_impact"];
            let parts = ["cash", "inbound_pending", "outbound_pending"];
            let sum: i64 = parts.iter().map(|part| int(impact, part)).sum();
            when(t["status"] != "void", || sum == int(t, "amount"))
        },
    ),
    rule(
        "treasury.transaction",
        "status_transitions fit status",
        |t, _| {
            let times = &t["status_transitions"];
            Some(
                is_set(times, "posted_at") == (t["status"] == "posted")
                    && is_set(times, "void_at") == (t["status"] == "void"),
            )
        },
    ),
    rule("treasury.financial_account", "it is in dollars", |a, _| {
        Some(a["supported_currencies"] == serde_json::json!(["usd"]))
    }),
    rule("account", "requirements are there", has_requirements),
    rule("person", "requirements are there", has_requirements),
    rule(
        "person",
        "dob, relationship and verification are there",
        |p, _| {
            let members = ["dob", "relationship", "verification"];
            Some(members.iter().all(|member| p[*member].is_object()))
        },
    ),
    rule(
        "application_fee",
        "account is another one, created with its charge",
        |f, account| {
            let charge = account.get_a("charge", &f["charge"])?;
            Some(f["account"] != account.id && int(charge, "created") <= int(f, "created"))
        },
    ),
    rule("invoice", "account_name is there", |i, _| {
        Some(is_set(i, "account_name"))
    }),
];
