//! The invariants, by resource.

pub(crate) mod balance_transaction;
pub(crate) mod billing;
pub(crate) mod charge;
pub(crate) mod checkout;
pub(crate) mod customer;
pub(crate) mod general;
pub(crate) mod invoice;
pub(crate) mod invoice_parts;
pub(crate) mod money_out;
pub(crate) mod payment_intent;
pub(crate) mod price;
pub(crate) mod refund;
pub(crate) mod registry;
pub(crate) mod sales;
pub(crate) mod setup_intent;
pub(crate) mod shares;
pub(crate) mod subscription;

use serde_json::Value;

use crate::account::{Account, among, int, is_set, text};

pub(crate) const CARD_BRANDS: [&str; 13] = [
    "amex",
    "cartes_bancaires",
    "diners",
    "discover",
    "eftpos_au",
    "girocard",
    "interac",
    "jcb",
    "link",
    "mastercard",
    "unionpay",
    "visa",
    "unknown",
];
pub(crate) const FUNDINGS: [&str; 4] = ["credit", "debit", "prepaid", "unknown"];

/// Whether a card has words and numbers as Stripe's have.
pub(crate) fn is_card(card: &Value) -> bool {
    let last4 = text(card, "last4");
    among(card, "brand", &CARD_BRANDS)
        && among(card, "funding", &FUNDINGS)
        && (1..=12).contains(&int(card, "exp_month"))
        && (2015..=2060).contains(&int(card, "exp_year"))
        && last4.len() == 4
        && last4.bytes().all(|digit| digit.is_ascii_digit())
}

/// Whether the checks of a card hold Stripe's words.
pub(crate) fn are_checks(checks: &Value) -> bool {
    let words = ["pass", "fail", "unavailable", "unchecked"];
    let members = [
        "address_line1_check",
        "address_postal_code_check",
        "cvc_check",
    ];
    let mut set = members.iter().filter(|member| is_set(checks, member));
    set.all(|member| among(checks, member, &words))
}

/// Whether `type` names the one member that is filled of those that belong to a type each.
pub(crate) fn names_its_member(value: &Value, others: &[&str]) -> bool {
    let kind = text(value, "type");
    let members = value.as_object().into_iter().flatten();
    let filled: Vec<&str> = members
        .filter(|(name, member)| {
            *name != "type" && member.is_object() && !others.contains(&name.as_str())
        })
        .map(|(name, _)| name.as_str())
        .collect();
    filled == [kind]
}

/// Whether a payment method may be used for this customer: it is the customer's own, or attached to nobody (any more).
pub(crate) fn is_usable(account: &Account, method: &Value, customer: &Value) -> bool {
    account
        .get_a("payment_method", method)
        .is_none_or(|method| method["customer"].is_null() || method["customer"] == *customer)
}

/// Whether an object is not older than the one whose id stands in a member of it.
pub(crate) fn is_not_older(account: &Account, value: &Value, member: &str) -> Option<bool> {
    let other = account.get(&value[member])?;
    Some(int(value, "created") >= int(other, "created"))
}

/// Whether a secret is that of an id.
pub(crate) fn is_secret_of(value: &Value) -> bool {
    let tail = text(value, "client_secret").strip_prefix(text(value, "id"));
    tail.and_then(|tail| tail.strip_prefix("_secret_"))
        .is_some_and(|tail| tail.len() >= 8)
}

/// Whether a balance transaction is of this object, with this amount unless it was converted.
pub(crate) fn is_booked(account: &Account, of: &Value, member: &str, amount: i64) -> Option<bool> {
    let booking = account.get_a("balance_transaction", &of[member])?;
    let converted = is_set(booking, "exchange_rate") || booking["currency"] != of["currency"];
    Some(booking["source"] == of["id"] && (converted || int(booking, "amount") == amount))
}
