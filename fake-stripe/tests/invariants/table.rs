//! Invariants: what holds of every object of a real account.

use serde_json::Value;

use crate::account::Account;
use crate::rules;

/// `None` if the invariant says nothing about this object.
pub(crate) type Holds = fn(&Value, &Account) -> Option<bool>;

/// What holds of every object of a kind.
#[derive(Clone, Copy)]
pub(crate) struct Invariant {
    /// The object's name; `*` for all objects.
    pub(crate) of: &'static str,
    pub(crate) name: &'static str,
    pub(crate) holds: Holds,
}

/// What holds of an account as a whole, as it was generated. `None` if there are too few objects to say.
#[derive(Clone, Copy)]
pub(crate) struct Share {
    pub(crate) name: &'static str,
    /// The measure, and the range in which it is.
    pub(crate) measure: fn(&Account) -> Option<f64>,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

pub(crate) const fn rule(of: &'static str, name: &'static str, holds: Holds) -> Invariant {
    Invariant { of, name, holds }
}

/// All invariants of objects.
pub(crate) fn invariants() -> Vec<Invariant> {
    [
        rules::general::RULES,
        rules::charge::RULES,
        rules::refund::RULES,
        rules::payment_intent::RULES,
        rules::balance_transaction::RULES,
        rules::invoice::RULES,
        rules::invoice_parts::RULES,
        rules::billing::RULES,
        rules::subscription::RULES,
        rules::price::RULES,
        rules::customer::RULES,
        rules::checkout::RULES,
        rules::money_out::RULES,
        rules::setup_intent::RULES,
        rules::sales::RULES,
        rules::registry::RULES,
    ]
    .concat()
}

/// `condition ⇒ result`; says nothing if the condition does not hold.
pub(crate) fn when(condition: bool, result: impl FnOnce() -> bool) -> Option<bool> {
    condition.then(result)
}

/// The members of an object that an invariant's name mentions, for a message.
pub(crate) fn mentioned(name: &str, object: &Value) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let mut shown = vec![format!("id={}", object["id"])];
    let mut known = vec!["id"];
    for word in words.chain(["status"]) {
        if let Some(member) = object.get(word)
            && !known.contains(&word)
        {
            let mut json = member.to_string();
            json.truncate(
                json.char_indices()
                    .nth(160)
                    .map_or(json.len(), |(at, _)| at),
            );
            shown.push(format!("{word}={json}"));
            known.push(word);
        }
    }
    shown.join(" ")
}
