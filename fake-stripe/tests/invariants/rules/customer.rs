//! Invariants of customers, their discounts and payment methods.

use serde_json::Value;

use super::{CARD_BRANDS, are_checks, is_card, names_its_member};
use crate::account::{Account, int, is_set, rows, text};
use crate::table::{Invariant, rule, when};

fn owns(account: &Account, customer: &Value, id: &Value) -> bool {
    account
        .get(id)
        .is_some_and(|method| method["customer"] == customer["id"])
}

fn card(method: &Value) -> Option<&Value> {
    (method["type"] == "card").then(|| &method["card"])
}

pub(crate) const RULES: &[Invariant] = &[
    rule("customer", "discount is its own", |c, _| {
        when(is_set(c, "discount"), || {
            c["discount"]["customer"] == c["id"]
        })
    }),
    rule(
        "customer",
        "discount is of a coupon and of one customer",
        |c, account| {
            let discount = &c["discount"];
            when(is_set(c, "discount"), || {
                let coupon = &discount["source"]["coupon"];
                let whole = [
                    "subscription",
                    "invoice",
                    "invoice_item",
                    "subscription_item",
                ];
                (account.get_a("coupon", coupon).is_some() || account.is_gone(coupon))
                    && whole.iter().all(|member| !is_set(discount, member))
            })
        },
    ),
    rule(
        "customer",
        "discount.start is before discount.end",
        |c, _| {
            let end = c["discount"]["end"].as_i64()?;
            Some(int(&c["discount"], "start") < end)
        },
    ),
    rule("customer", "default_source is its own", |c, account| {
        when(is_set(c, "default_source"), || {
            owns(account, c, &c["default_source"])
        })
    }),
    rule(
        "customer",
        "invoice_settings.default_payment_method is its own",
        |c, account| {
            let method = &c["invoice_settings"]["default_payment_method"];
            when(!method.is_null(), || owns(account, c, method))
        },
    ),
    rule(
        "customer",
        "invoice_prefix is no other customer's",
        |c, account| {
            when(is_set(c, "invoice_prefix"), || {
                account
                    .pointing("customer", "/invoice_prefix", &c["invoice_prefix"])
                    .len()
                    == 1
            })
        },
    ),
    rule(
        "customer",
        "invoice_prefix is 3 to 12 capitals or digits",
        |c, _| {
            when(is_set(c, "invoice_prefix"), || {
                let prefix = text(c, "invoice_prefix");
                (3..=12).contains(&prefix.len())
                    && prefix
                        .bytes()
                        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            })
        },
    ),
    rule("customer", "next_invoice_sequence is above 0", |c, _| {
        when(is_set(c, "next_invoice_sequence"), || {
            int(c, "next_invoice_sequence") > 0
        })
    }),
    rule("customer", "email is an address", |c, _| {
        when(is_set(c, "email"), || {
            let (name, host) = text(c, "email").split_once('@').unwrap_or_default();
            !name.is_empty() && host.contains('.')
        })
    }),
    rule("customer", "address.country is two capitals", |c, _| {
        let country = c["address"]["country"].as_str()?;
        Some(country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase()))
    }),
    rule("customer", "its subscriptions are its own", |c, account| {
        let subscriptions = account.pointing("subscription", "/customer", &c["id"]);
        when(!subscriptions.is_empty(), || {
            let mut methods = subscriptions
                .iter()
                .map(|sub| &sub["default_payment_method"]);
            methods.all(|method| super::is_usable(account, method, &c["id"]))
        })
    }),
    rule("payment_method", "type names the member", |m, _| {
        Some(names_its_member(
            m,
            &["billing_details", "metadata", "radar_options"],
        ))
    }),
    rule("payment_method", "card is a card", |m, _| {
        card(m).map(is_card)
    }),
    rule(
        "payment_method",
        "card.checks have words of Stripe's",
        |m, _| {
            card(m)
                .filter(|card| is_set(card, "checks"))
                .map(|card| are_checks(&card["checks"]))
        },
    ),
    rule(
        "payment_method",
        "card.networks have the card's brand",
        |m, _| {
            card(m).filter(|card| is_set(card, "networks")).map(|card| {
                let available = rows(&card["networks"], "available");
                available
                    .iter()
                    .all(|network| CARD_BRANDS.iter().any(|brand| network == brand))
                    && available.contains(&card["brand"])
            })
        },
    ),
    rule(
        "payment_method",
        "card.display_brand is a word of Stripe's",
        |m, _| {
            card(m)
                .filter(|card| is_set(card, "display_brand"))
                .map(|card| {
                    let words = [
                        "american_express",
                        "diners_club",
                        "discover_global_network",
                        "other",
                    ];
                    let brand = text(card, "display_brand");
                    words.contains(&brand) || CARD_BRANDS.contains(&brand)
                })
        },
    ),
    rule("payment_method", "card.country is two capitals", |m, _| {
        let country = card(m)?["country"].as_str()?;
        Some(country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase()))
    }),
    rule("payment_method", "customer is there", |m, account| {
        when(is_set(m, "customer"), || {
            account.get_a("customer", &m["customer"]).is_some() || account.is_gone(&m["customer"])
        })
    }),
];
